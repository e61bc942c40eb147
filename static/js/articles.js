// The articles panel and the preview of one; without this file its forms and links are plain pages.
//   [data-article-search]   searches while it is typed, never in the midst of composing; ArrowDown goes to the first hit
//   [data-article-hit]      ArrowUp and ArrowDown move between hits and the field
//   form[data-quote]        puts its words into the reply instead of into the draft, once the server has noted it: an article that was
//                           withdrawn meanwhile is refused (data-refused). Without a network the words go in and only the count is lost
import { composing, debounce, on, post, toast, visible } from "./dom.js";

const PATIENCE = 5000;

const field = () => document.querySelector("#context [data-article-search]");
const hits = () => [...document.querySelectorAll("[data-article-hit]")].filter(visible);
const search = debounce((form) => self.htmx?.trigger(form, "find"), 180);

on("input", "[data-article-search]", (event, input) => { if (!event.isComposing) search(input.form); });
on("compositionend", "[data-article-search]", (event, input) => search(input.form));

on("keydown", "[data-article-search], [data-article-hit]", (event, here) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || composing(event)) return;
  const places = [field(), ...hits()].filter(Boolean);
  const next = places[places.indexOf(here) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// Opening the panel is meant for typing into it. The first time it brings this file along.
if (field()?.closest("details[open]")) field().focus();
document.addEventListener("toggle", (event) => {
  if (event.target.open && event.target.contains(field())) field().focus();
}, true);

on("submit", "form[data-quote]", async (event, form) => {
  const area = document.querySelector("[data-composer-form=reply] textarea");
  if (!area) return;
  event.preventDefault();
  const told = new FormData(form);
  told.set("inserted", "1");
  form.closest("dialog")?.close();
  const answer = await post(form.action, told, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (answer && (!answer.ok || answer.redirected)) return toast({ text: form.dataset.refused });
  document.querySelector(".composer--note [data-composer=reply]")?.click();
  insert(area, form.dataset.quote);
});

/** On lines of its own, where the caret stands. */
function insert(area, text) {
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  const words = (before && !before.endsWith("\n") ? "\n" : "") + text + (after && !after.startsWith("\n") ? "\n" : "");
  area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}
