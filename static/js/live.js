// News for an open page. What it watches stands in its hx-trigger="live:<topic> from:body" and data-live="<topic> …"; each piece of news is
// an event live:<topic> on the body, and live:<first word of it>. live:poll comes every 15 s while there is no stream, and every minute in case something was lost.
//   <meta name="live" content="seconds" data-worker>   when the page was made; where the worker is
//   data-live-at="<topic>" data-version                what is shown already; older news are dropped
//   data-live-part                                     siblings with ids, made anew from the page's own address unless somebody is at one
//   [data-poll]                                        requests that tell whether the page is stale
import { element, say } from "./dom.js";

const meta = document.querySelector("meta[name=live]");
const made = Math.floor(meta?.content * 1000);
const id = Math.random();
const resting = new Map();
let mine = [], send, on, round = 0, fresh = new Date();

function watch() {
  const words = [...document.querySelectorAll("[data-live], [hx-trigger*='live:']")]
    .flatMap((each) => [...(each.dataset.live?.split(" ") ?? []), ...(each.getAttribute("hx-trigger")?.match(/live:[\w-]+/g) ?? [])]);
  const topics = [...new Set(words.map((word) => word.replace("live:", "")))].filter((topic) => /-|^chats$/.test(topic));
  if (!topics.length && !send) return;
  mine = topics;
  send ??= begin();
  send({ topics, since: made });
}

function begin() {
  if (!self.EventSource) return () => {};
  if (!self.SharedWorker) return lead();
  const { port } = new SharedWorker(meta.dataset.worker, "live");
  port.onmessage = ({ data }) => hear(data);
  return (words) => port.postMessage(words);
}

/** Without shared workers one page leads for the others, until it goes; without locks each is on its own. */
function lead() {
  let worker;
  const channel = self.BroadcastChannel && navigator.locks && new BroadcastChannel("live");
  const open = () => {
    worker = new Worker(meta.dataset.worker);
    worker.onmessage = ({ data }) => { channel?.postMessage(data); hear(data); };
    channel?.postMessage({ who: true });
    watch();
    return new Promise(() => {});
  };
  if (channel) channel.onmessage = ({ data }) => (data.id ? worker?.postMessage(data) : hear(data));
  if (channel) navigator.locks.request("live", open);
  else setTimeout(open);
  return (words) => (worker ?? channel)?.postMessage({ ...words, id });
}

function hear(news) {
  if (news.who) watch();
  else if ("on" in news) { if (on !== news.on) { on = news.on; round = 0; if (!on) setTimeout(() => on || poll(), 4000); } }
  else for (const topic of news.reset ? mine : [news.topic]) if (mine.includes(topic)) fire(topic, news.version);
}

/** Say it at once, then no more often than a page can follow. */
function fire(topic, version) {
  const shown = document.querySelector(`[data-live-at="${topic}"]`)?.dataset.version ?? (topic.startsWith("presence-") ? made : 0);
  if (version && version <= shown) return;
  if (resting.has(topic)) return void resting.set(topic, [version]);
  resting.set(topic, null);
  for (const name of new Set([topic, topic.split("-")[0]])) document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail: { topic, version } }));
  refresh();
  setTimeout(refresh, 11000); // a reply stays with us for ten seconds before its customer may read it
  setTimeout(() => {
    const next = resting.get(topic);
    resting.delete(topic);
    if (next) fire(topic, next[0]);
  }, topic.startsWith("queue") ? 3000 : 400);
}

function poll() {
  if (document.hidden || !mine.length) return;
  document.body.dispatchEvent(new CustomEvent("live:poll"));
  refresh();
}

const parts = (root) => [...root.querySelectorAll("[data-live-part]")];

async function refresh() {
  if (!parts(document).length) return;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    tell(true);
    if (answer.ok) bring(parts(new DOMParser().parseFromString(await answer.text(), "text/html")));
  } catch {
    tell(false);
  }
}

/** Put each new part in the place of the old one, or behind the one that it follows; parts that are no more go. */
function bring(fresh) {
  if (!fresh.length) return; // another page answered: nothing to see here any more
  let before = parts(document)[0];
  const gone = new Set(parts(document));
  for (const part of fresh) {
    const old = document.getElementById(part.id);
    gone.delete(old);
    const stays = old && (old.isEqualNode(part) || isUsed(old));
    if (!stays && old) old.replaceWith(part);
    else if (!old) before.after(part);
    before = stays ? old : part;
  }
  for (const old of gone) if (!isUsed(old)) old.remove();
}

const isUsed = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") ||
  [...part.querySelectorAll("textarea, input")].some((field) => field.value !== field.defaultValue);

/** News that cannot be had make a stale page; it says since when. */
function tell(reached) {
  const place = document.getElementById("main");
  const bar = place.querySelector("[data-stale]");
  if (reached) { fresh = new Date(); return bar?.remove(); }
  const words = say("stale", { time: fresh.toTimeString().slice(0, 5) });
  if (bar) bar.textContent = words;
  else place.prepend(element("p", { class: "stale", role: "status", "data-stale": true }, words));
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.closest("[data-poll]")) tell(Boolean(detail.xhr.status)); // 0: nobody answered
});
document.addEventListener("htmx:afterSettle", watch);
addEventListener("pagehide", () => send?.({ bye: true }));
addEventListener("pageshow", (event) => event.persisted && watch());
document.addEventListener("visibilitychange", () => on || poll());
setInterval(() => {
  if (!mine.length) return;
  if (round % 2) watch();
  if (++round % 4 === 0 || !on) poll();
}, 15000);
if (meta) watch();
