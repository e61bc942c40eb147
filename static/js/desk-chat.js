// Live conversations on the desk. The dock (#chat-dock) names them; while the complaint of one is open, its composer sends at once, its
// thread follows by itself, and the customer sees that one types. A sound for offers is off until somebody switches it on.
//   [data-chat] [data-typing]       a conversation, and where to say that one types in it
//   [data-read] [data-got] [data-seen] [data-since]   where to say what lay open here; what the customer's page holds and showed, and from when on
//   template[data-chat-bar]         what stands above the composer meanwhile
//   [data-offer]                    an offer, which makes itself heard once
//   [data-left] [data-calls-at]     seconds until an answer is owed, and from how many on the clock calls: once aloud, then by its colour
//   [data-clock-of]                 the same clock once more, above the composer
import { element, on, post, say, toast } from "./dom.js";

const SOUND = "desk:chat-sound";
const TYPING_AGAIN = 5000;
const SAME = 10000; // two readings of one clock differ by the time that they travelled
const dock = () => document.getElementById("chat-dock");
const number = () => document.querySelector("#main [data-complaint]")?.dataset.complaint;
const open = () => number() && dock()?.querySelector(`[data-chat="${number()}"]`);
let heard = new Set();
const readTo = new Map();
let told = 0;
let shown = "";
let following = false;
let again = false;

function settle() {
  const form = document.querySelector("[data-composer-form=reply]");
  const chat = open();
  document.querySelector("[data-chatbar]")?.remove();
  form?.querySelector("input[name=chat]")?.remove();
  if (!form || !chat) return;
  form.append(element("input", { type: "hidden", name: "chat", value: "1" }));
  const bar = dock().querySelector(`template[data-chat-bar="${number()}"]`).content.cloneNode(true);
  document.getElementById("composer").prepend(bar);
  mark();
  read();
}

/** What became of the lines that we sent in this conversation. */
function mark() {
  const { got, seen, since } = open()?.dataset ?? {};
  for (const line of document.querySelectorAll("#thread [data-mine]")) {
    if (!(Date.parse(line.querySelector("time")?.dateTime) >= Date.parse(since) - 1000)) continue;
    const past = (mark) => line.id.slice(1) <= Number(mark);
    const place = line.querySelector("[data-state]") ?? line.querySelector(".message__head").appendChild(element("span", { class: "meta", "data-state": true }));
    place.textContent = say(past(seen) ? "line-read" : past(got) ? "line-got" : "line-sent");
  }
}

/** Their newest line that lies open here, in a page that is in front, has been read. */
function read() {
  const chat = open();
  if (!chat || document.hidden) return;
  const edge = document.getElementById("composer").getBoundingClientRect().top;
  let newest = 0;
  for (const line of document.querySelectorAll("#thread .message:not(.message--team, .message--note)")) {
    if (line.getBoundingClientRect().top < edge) newest = Math.max(newest, line.id.slice(1));
  }
  if (newest <= (readTo.get(number()) ?? 0)) return;
  readTo.set(number(), newest);
  const body = new FormData();
  body.append("read", newest);
  post(chat.dataset.read, body).catch(() => readTo.delete(number()));
}
document.addEventListener("scroll", read, { capture: true, passive: true });
document.addEventListener("visibilitychange", read);

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === dock()) { ring(); settle(); tick(); follow(); }
  if (detail.target.id === "main") { settle(); tick(); }
});
document.body.addEventListener("live:complaint", (event) => { if (open()) follow(event); });
document.body.addEventListener("live:poll", () => open() && follow());

/** Put what is new into the open thread; the composer and what stands in it are left alone. */
async function follow() {
  if (!open()) return;
  if (following) { again = true; return; }
  following = true;
  const asked = number();
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (answer?.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"), asked);
  following = false;
  if (again) { again = false; follow(); }
}

function show(came, asked) {
  const thread = document.getElementById("thread");
  const fresh = came.getElementById("thread");
  if (!thread || !fresh || number() !== asked || thread.innerHTML === fresh.innerHTML || shown === `${asked} ${fresh.innerHTML}`) return;
  shown = `${asked} ${fresh.innerHTML}`;
  const main = document.getElementById("main");
  const isAtEnd = main.scrollTop + main.clientHeight > main.scrollHeight - 160;
  thread.replaceChildren(...fresh.childNodes);
  self.htmx?.process(thread);
  for (const name of ["seen", "expected_version", "snapshot", "version"]) {
    const value = came.querySelector(`input[name=${name}]`)?.value;
    for (const field of main.querySelectorAll(`input[type=hidden][name=${name}]`)) if (value !== undefined) field.value = value;
  }
  const work = main.querySelector("[data-live-at]");
  work.dataset.version = came.querySelector("[data-live-at]").dataset.version;
  if (isAtEnd) main.scrollTop = main.scrollHeight;
  mark();
  read();
}

/** What is left was true when the page had it: the clock of this computer may be wrong, its seconds are not. */
function tick() {
  for (const clock of document.querySelectorAll("[data-calls-at]")) {
    clock.due ??= Date.now() + clock.dataset.left * 1000;
    const left = Math.max(Math.round((clock.due - Date.now()) / 1000), -3599);
    const words = (left < 0 ? "−" : "") + new Date(Math.abs(left) * 1000).toISOString().slice(14, 19);
    const calls = left <= clock.dataset.callsAt;
    for (const each of [clock, ...document.querySelectorAll(`[data-clock-of="${clock.dataset.of}"]`)]) {
      (each.querySelector("[data-clock]") ?? each).textContent = words;
      each.classList.toggle("dock__clock--calls", calls);
    }
    if (calls) call(clock);
  }
}
setInterval(tick, 1000);
tick();

/** Once for each line that waits, on whatever page of the desk and in whatever tab it comes first. */
function call({ due, dataset: { of, name } }) {
  const key = `desk:chat-called:${of}`;
  if (Math.abs(due - localStorage.getItem(key)) < SAME) return;
  localStorage.setItem(key, due);
  toast({ text: say("chat-waits", { name }) });
  if (localStorage.getItem(SOUND) === "on") beep();
}

on("input", "[data-composer-form=reply] textarea", () => {
  const chat = open();
  if (!chat || Date.now() - told < TYPING_AGAIN) return;
  told = Date.now();
  post(chat.dataset.typing).catch(() => null);
});

on("click", "[data-chat-sound]", (event, button) => {
  const isOn = localStorage.getItem(SOUND) !== "on";
  localStorage.setItem(SOUND, isOn ? "on" : "off");
  button.setAttribute("aria-pressed", String(isOn));
  if (isOn) beep();
});

function ring() {
  const isOn = localStorage.getItem(SOUND) === "on";
  dock().querySelector("[data-chat-sound]")?.setAttribute("aria-pressed", String(isOn));
  const offers = [...dock().querySelectorAll("[data-offer]")].map((offer) => offer.dataset.offer);
  if (isOn && offers.some((offer) => !heard.has(offer))) beep();
  heard = new Set(offers);
}

function beep() {
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  volume.gain.value = 0.1;
  tone.frequency.value = 660;
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.25);
  tone.addEventListener("ended", () => sound.close());
}
