// What the desk's own pages add to the parts of the shell; every piece works as a plain page without this file.
//   [data-desk-dialog]        a fragment that lands in it opens it, a workspace that comes back closes it
//   [data-composer="reply"]   tabs between the forms [data-composer-form]            [data-send="ask_customer"]  presses that way of sending
//   [data-until] [data-seconds]   counts down while something can be taken back
//   [data-insert]             puts a figure into the reply                           [data-lightbox]  shows a picture large
//   [data-bulk]               is there while rows are selected                       [data-poll]      tells whether news can be had
//   [data-submits]            a select that sends its form                           [data-heartbeat] posts every 20 s while the desk is open
//   [data-src="…"]            a fragment that brings a script along; a browser runs each only once
import { heed } from "./call-in.js";
import { element, on, post, say, toast } from "./dom.js";

const main = () => document.getElementById("main");
const dialog = () => document.querySelector("[data-desk-dialog]");
const find = (selector) => document.querySelector(selector);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === main()) open = find("#pulse");
  // Refusals carry their own place, whatever their status.
  if (!event.detail.xhr.getResponseHeader("HX-Retarget")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  const box = target.querySelector("[data-src]");
  box?.append(element("script", { type: "module", src: box.dataset.src }));
  if (target === dialog()) {
    if (!target.open) target.showModal();
    const choices = ["[data-autofocus]", "input:checked", "textarea, select, input:not([type=hidden])", "h2"];
    choices.map((choice) => target.querySelector(choice)).find(Boolean)?.focus();
  }
  if (target === main()) {
    if (open?.dataset.leave !== find("#pulse")?.dataset.leave) leave();
    open = find("#pulse");
    dialog()?.close();
    const frame = find(".frame[data-pane=list]"); // a complaint was chosen in the drawer
    if (frame) frame.dataset.pane = "work";
    settle();
  }
  if (target.id === "list-pane") follow();
});

on("click", "[data-closes]", (event, link) => {
  if (link.closest("dialog")) event.preventDefault();
  link.closest("dialog")?.close();
});
on("click", "[data-refresh]", async (event, link) => {
  event.preventDefault();
  // What is being typed comes back as the draft of the page that takes this one's place.
  await Promise.all([...document.querySelectorAll("draft-box")].map((box) => box.again()));
  load(link.getAttribute("href") + location.search);
});

function load(url) {
  if (self.htmx) self.htmx.ajax("GET", url, { target: "#main", swap: "innerHTML" });
  else location.assign(url);
}

/** A workspace has come: the list follows, the newest message shows, unsaved places are told apart. */
function settle() {
  follow();
  const thread = document.getElementById("thread");
  if (!thread) return;
  const told = main().querySelector("[data-autofocus]");
  const goal = location.hash && document.getElementById(location.hash.slice(1));
  if (goal && !told) goal.scrollIntoView();
  else main().scrollTop = main().scrollHeight;
  told?.focus({ preventScroll: true });
  for (const part of main().querySelectorAll("[data-needs-script]")) part.hidden = false;
  for (const part of main().querySelectorAll("[data-resolve]:not([open])")) part.hidden = true; // its button opens it
}

function follow() {
  const number = main()?.querySelector("[data-complaint]")?.dataset.complaint;
  for (const row of document.querySelectorAll("#list-pane [data-number]")) {
    row.toggleAttribute("aria-current", row.dataset.number === number);
    if (row.dataset.number !== number) continue;
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  }
  for (const part of document.querySelectorAll("[data-scriptless]")) part.hidden = true;
}

// Menus close when something else is pressed, and by Esc, which gives the focus back.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && find("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
on("click", ".menu__item", (event, item) => { item.closest("details").open = false; });

// The composer.
on("click", "[data-composer]", (event, tab) => {
  event.preventDefault();
  const kind = tab.dataset.composer;
  const composer = tab.closest(".composer");
  composer.classList.toggle("composer--note", kind === "note");
  for (const each of composer.querySelectorAll("[data-composer]")) {
    each.toggleAttribute("aria-current", each === tab);
    if (each === tab) each.setAttribute("aria-current", "true");
  }
  for (const form of composer.querySelectorAll("[data-composer-form]")) form.hidden = form.dataset.composerForm !== kind;
  composer.querySelector(`[data-composer-form=${kind}] textarea`).focus();
});

on("click", "[data-send]", (event, button) => {
  const form = find("[data-composer-form=reply]");
  button.closest("details")?.removeAttribute("open");
  const area = form.querySelector("textarea");
  if (!area.value.trim()) return area.focus();
  form.requestSubmit(form.querySelector(`button[name=then][value="${button.dataset.send}"]`));
});

on("click", "button[name=then]", (event, button) => {
  const box = button.form.querySelector("[data-resolve]");
  if (button.value !== "resolve" || !box || box.querySelector("select").value) return;
  event.preventDefault();
  button.closest("details")?.removeAttribute("open");
  box.hidden = false;
  box.open = true;
  box.querySelector("select").focus();
  // The way that was chosen is what the main button and its key do from now on.
  const send = button.form.querySelector("[data-shortcut='Ctrl+Enter']");
  send.value = button.value;
  send.querySelector("[data-send-label]").textContent = button.textContent;
});

document.addEventListener("reply-inserted", (event) => {
  const chips = event.target.closest("form").querySelector("[data-chips]");
  for (const action of event.detail.actions ?? []) {
    const off = element("button", { type: "button", class: "chip__off", "data-chip-off": true, "aria-label": say("remove-file", { name: action.label }) }, "×");
    chips.append(element("li", { class: "chip" }, element("input", { type: "hidden", name: "action", value: action.key }), action.label, off));
  }
});
on("click", "[data-chip-off]", (event, button) => button.closest("li").remove());

on("click", "[data-insert]", (event, button) => {
  const area = find("[data-composer-form]:not([hidden]) textarea");
  if (!area) return;
  area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});

// What can still be taken back.
setInterval(() => {
  for (const box of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Date.parse(box.dataset.until) - Date.now()) / 1000);
    if (left > 0) box.querySelector("[data-seconds]").textContent = left;
    else { box.closest(".message")?.classList.remove("message--unsent"); box.remove(); }
  }
}, 500);

// Pictures, large.
on("click", "[data-lightbox]", (event, tile) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const picture = element("img", { src: tile.href, alt: tile.querySelector("img").alt });
  const close = element("button", { type: "button", class: "button", "data-closes": true }, say("close"));
  const shown = element("dialog", { class: "dialog lightbox" }, element("figure", {}, picture, element("figcaption", {}, tile.dataset.caption)), close);
  shown.addEventListener("close", () => { shown.remove(); tile.focus(); });
  document.body.append(shown);
  shown.showModal();
});

// Selected rows.
on("change", ".row__select", (event, box) => {
  box.closest(".row").classList.toggle("row--chosen", box.checked);
  countSelected();
});
function countSelected() {
  const bar = find("[data-bulk]");
  if (!bar) return;
  const count = document.querySelectorAll(".row__select:checked").length;
  bar.hidden = !count;
  bar.querySelector("[data-bulk-count]").textContent = say("selected", { count });
}

on("change", "[data-submits]", (event, select) => select.form.requestSubmit());

// Presence: typing shows, leaving shows at once. Who types on says so again every 5 s: once may have been lost.
let typing, told;
on("input", ".composer textarea", () => {
  const mode = find("[data-presence-mode]");
  if (!mode) return;
  const began = mode.value !== "typing";
  mode.value = "typing";
  clearTimeout(typing);
  typing = setTimeout(() => { mode.value = "viewing"; tell(); }, 20000);
  if (began || Date.now() - told > 5000) tell();
});
const tell = () => { told = Date.now(); self.htmx?.trigger("#pulse", "pulse"); };
let open = find("#pulse");
const leave = () => open?.dataset.leave && post(open.dataset.leave, new FormData(), { keepalive: true }).catch(() => {});
addEventListener("pagehide", leave);

const heart = find("[data-heartbeat]");
const beat = () => document.hidden || post(heart.dataset.heartbeat).then((answer) => heed(answer, heart), () => {});
if (heart) {
  beat();
  setInterval(beat, 20000);
  document.body.addEventListener("live:user", beat);
}
if (heart?.dataset.keys === "off") document.documentElement.dataset.shortcuts = "off";

settle();
countSelected();
