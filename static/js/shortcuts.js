// Keys of the desk. data-shortcut="c", "g q", "?", "Shift+x" or "Ctrl+Enter" (Ctrl also answers to ⌘) on a control: links, buttons and
// summaries are clicked, fields are focused. Single keys work outside fields only and not with <html data-shortcuts="off">; with Ctrl they
// work in fields too, those of the focused form first. Remapping is the server's: it writes another data-shortcut.
// j and k move through [data-nav] lists of [data-nav-item]; x selects the item's checkbox, Shift+x the range. "?" lists the page's keys.
import { composing, element, on, say, visible } from "./dom.js";

const FIELDS = "input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable]";
const FULL_WIDTH = { "？": "?", "、": "/", "／": "/", "。": "." };
let pending = "";
let pendingTimer;
let lastSelected;

function keyName(event) {
  const key = FULL_WIDTH[event.key] ?? event.key.normalize("NFKC");
  const command = event.ctrlKey || event.metaKey;
  const letter = /^[a-z]$/i.test(key);
  const shift = event.shiftKey && (letter || key.length > 1);
  return (command ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (shift ? "Shift+" : "") + (letter ? key.toLowerCase() : key);
}

function find(name, near) {
  const selector = `[data-shortcut="${CSS.escape(name)}"]`;
  for (const place of [near?.closest?.("form"), near?.closest?.("dialog"), document]) {
    const found = place && [...place.querySelectorAll(selector)].find(visible);
    if (found) return found;
  }
  return null;
}

function act(control) {
  if (control.matches(FIELDS)) control.focus();
  else control.click();
}

function move(step) {
  const items = [...document.querySelectorAll("[data-nav] [data-nav-item]")].filter(visible);
  if (!items.length) return false;
  const here = items.indexOf(document.activeElement?.closest("[data-nav-item]"));
  const current = here < 0 ? items.findIndex((item) => item.hasAttribute("aria-current")) : here;
  const next = items[Math.min(items.length - 1, Math.max(0, current + step))];
  (next.matches("a") ? next : next.querySelector("a, button")).focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function select(range) {
  const item = document.activeElement?.closest("[data-nav-item]");
  const box = item?.querySelector("input[type=checkbox]");
  if (!box) return false;
  const boxes = [...item.closest("[data-nav]").querySelectorAll("[data-nav-item] input[type=checkbox]")];
  const from = range && lastSelected ? boxes.indexOf(lastSelected) : boxes.indexOf(box);
  const [first, last] = [from, boxes.indexOf(box)].sort((a, b) => a - b);
  const checked = range ? true : !box.checked;
  for (const each of boxes.slice(Math.max(first, 0), last + 1)) {
    each.checked = checked;
    each.dispatchEvent(new Event("change", { bubbles: true }));
  }
  lastSelected = box;
  return true;
}

function showKeys() {
  const rows = [...document.querySelectorAll("[data-shortcut]")].filter(visible).map((control) => {
    const name = control.dataset.command || control.getAttribute("aria-label") || control.textContent.trim();
    return element("div", {}, element("dt", {}, name), element("dd", {}, element("kbd", {}, control.dataset.shortcut)));
  });
  const close = element("button", { class: "button", type: "button", "data-closes": true }, say("close"));
  const dialog = element("dialog", { class: "dialog", "aria-label": say("keys") }, element("h2", {}, say("keys")), element("dl", { class: "keys" }, ...rows), element("div", { class: "dialog__acts" }, close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

const BUILT_IN = { j: () => move(1), k: () => move(-1), x: () => select(false), "Shift+x": () => select(true), "?": showKeys };

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.defaultPrevented) return;
  const name = keyName(event);
  const command = event.ctrlKey || event.metaKey;
  const typing = event.target.closest?.(FIELDS);
  if (!command && (typing || event.altKey || document.documentElement.dataset.shortcuts === "off")) return;
  if (!command && document.querySelector("dialog[open]") && !event.target.closest("dialog")) return;
  const sequence = pending ? `${pending} ${name}` : "";
  const control = (sequence && find(sequence)) || find(name, event.target);
  const done = control ? (act(control), true) : !command && BUILT_IN[name]?.();
  if (done) event.preventDefault();
  remember(done || command ? "" : name);
});

function remember(name) {
  clearTimeout(pendingTimer);
  pending = name;
  if (name) pendingTimer = setTimeout(() => { pending = ""; }, 1000);
}

// Panes of a narrow desk change at once; their links work without scripts too.
on("click", "[data-pane-tab]", (event, tab) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  tab.closest("[data-pane]").dataset.pane = tab.dataset.paneTab;
});
