// The wallboard. It asks for itself again by htmx; here: what must not be disturbed, how old it is, and the screen on the wall.
//   [data-wall data-at data-stale-after]   turns grey when its news are older than that, and says since when   [data-wall-state]
//   [data-tv]                              keeps the screen awake, is dim at night, shows the time in [data-tv-clock]
//   [data-seconds-left]                    counts down to nought and on into the red
import { on, say } from "./dom.js";

const NIGHT = { from: 21, to: 7 };
const wall = () => document.querySelector("[data-wall]");
const clock = (moment) => moment.toTimeString().slice(0, 8);

// Somebody is choosing in it: what is under the hand stays until they are done.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === wall() && document.activeElement?.matches("#wall select, #wall input:not([type=hidden])")) event.detail.shouldSwap = false;
});

let fresh = Date.now();
document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.matches("[data-wall]") || event.detail.elt.matches("[data-wall]")) fresh = Date.now(); });

function tell() {
  const shown = wall();
  if (!shown?.dataset.staleAfter) return;
  const isStale = Date.now() - fresh > shown.dataset.staleAfter * 1000;
  shown.classList.toggle("wall--stale", isStale);
  if (isStale) shown.querySelector("[data-wall-state]").textContent = say("stale", { time: clock(new Date(fresh)) });
}

function count() {
  for (const each of document.querySelectorAll("[data-seconds-left]")) {
    const left = Math.floor((Date.parse(each.dataset.secondsLeft) - Date.now()) / 1000);
    each.textContent = say("seconds", { count: Math.max(left, 0) });
    each.classList.toggle("clock--over", left <= 0);
    each.classList.toggle("clock--soon", left > 0 && left <= 60);
  }
}

let awake; // kept, or the lock would be given back
async function stayAwake() {
  if (document.hidden || !navigator.wakeLock) return;
  try {
    awake = await navigator.wakeLock.request("screen");
  } catch {
    awake = undefined; // on battery the browser may refuse; the board still works
  }
}

function dim() {
  const now = new Date();
  const root = document.documentElement;
  const isNight = now.getHours() >= NIGHT.from || now.getHours() < NIGHT.to;
  root.toggleAttribute("data-night", isNight);
  if (isNight && root.dataset.theme !== "dark") Object.assign(root.dataset, { theme: "dark", day: root.dataset.theme });
  if (!isNight && root.dataset.day) { root.dataset.theme = root.dataset.day; delete root.dataset.day; }
  document.querySelector("[data-tv-clock]").textContent = clock(now).slice(0, 5);
}

if (document.querySelector("[data-tv]")) {
  stayAwake();
  dim();
  setInterval(dim, 10000);
  document.addEventListener("visibilitychange", stayAwake);
}
on("change", "[data-checks]", (event, box) => {
  for (const each of document.querySelectorAll(box.dataset.checks)) each.checked = box.checked;
});
setInterval(() => { tell(); count(); }, 1000);
count();
