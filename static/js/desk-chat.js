// Live conversations on the desk. The dock (#chat-dock) names them; while the complaint of one is open, its composer sends at once, its
// thread follows by itself, and the customer sees that one types. A sound for offers is off until somebody switches it on.
//   [data-chat] [data-typing]       a conversation, and where to say that one types in it
//   template[data-chat-bar]         what stands above the composer meanwhile
//   [data-offer]                    an offer, which makes itself heard once
import { element, on, post } from "./dom.js";

const SOUND = "desk:chat-sound";
const TYPING_AGAIN = 5000;
const dock = () => document.getElementById("chat-dock");
const number = () => document.querySelector("#main [data-complaint]")?.dataset.complaint;
const open = () => number() && dock()?.querySelector(`[data-chat="${number()}"]`);
let heard = new Set();
let told = 0;
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
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === dock()) { ring(); settle(); follow(); }
  if (detail.target.id === "main") settle();
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
  if (!thread || !fresh || number() !== asked || thread.innerHTML === fresh.innerHTML) return;
  const main = document.getElementById("main");
  const isAtEnd = main.scrollTop + main.clientHeight > main.scrollHeight - 160;
  thread.replaceChildren(...fresh.childNodes);
  self.htmx?.process(thread);
  for (const name of ["seen", "expected_version", "snapshot", "version"]) {
    const value = came.querySelector(`input[name=${name}]`)?.value;
    for (const field of main.querySelectorAll(`input[type=hidden][name=${name}]`)) if (value !== undefined) field.value = value;
  }
  if (isAtEnd) main.scrollTop = main.scrollHeight;
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
