// How long somebody works on what is open before them: said every 30 s and on leaving, counted by the server. Without scripts nothing is.
//   #main [data-effort="/…/"][data-complaint]   where to say it, and of which complaint; without one: of the conversations
// A page is worked on while it is in front and was touched within the last minute; while a call is being written down, somebody talks.
const IDLE = 60000;
const CALL = 1200000;
const KEPT = 600000;
const page = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
let kept = [];
let open;
let count = 0;
let touched = -CALL;

function here() {
  const part = document.querySelector("#main [data-effort]");
  if (!part || document.hidden) return null;
  const call = document.querySelector("dialog[open] [action*='/act/call/']") ? 1 : 0;
  return call || document.hasFocus() ? { url: part.dataset.effort, complaint: part.dataset.complaint ?? "", call } : null;
}

/** End the stretch that is open and begin the next, if there is one. What goes on as before is left whole unless it is to be told. */
function look(telling = false) {
  const now = performance.now();
  const place = here();
  const goesOn = place && now - touched < (place.call ? CALL : IDLE);
  if (open && goesOn && !telling && place.complaint === open.complaint && place.call === open.call) return;
  if (open) {
    const to = Math.min(now, touched + (open.call ? CALL : IDLE));
    if (to > open.from) kept.push({ ...open, to, touched, number: ++count });
  }
  open = goesOn ? { ...place, from: now } : null;
}

function touch() {
  const now = performance.now();
  if (now - touched < 1000) return;
  if (open && now - touched > IDLE) look(true);
  touched = now;
  if (!open) look();
}

async function send() {
  look(true);
  const now = performance.now();
  const sent = kept.filter((each) => now - each.to < KEPT);
  kept = [...sent];
  if (!sent.length) return;
  const body = new FormData();
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  body.append("page", page);
  for (const { number, from, to, touched: at, call, complaint } of sent) {
    body.append("stretch", [number, ...[from, to, at].map((moment) => Math.round(now - moment)), call, complaint].join());
  }
  const answer = await fetch(sent[0].url, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => null);
  if (answer?.ok) kept = kept.filter((each) => !sent.includes(each));
}

for (const type of ["pointermove", "pointerdown", "keydown", "wheel"]) addEventListener(type, touch, { capture: true, passive: true });
for (const type of ["focus", "blur"]) addEventListener(type, () => look());
for (const type of ["htmx:afterSwap", "close"]) document.addEventListener(type, () => look(), true);
document.addEventListener("visibilitychange", () => (document.hidden ? send() : look()));
addEventListener("pagehide", send);
setInterval(send, 30000);
look();
