// A scanner that types: a burst of keys, on the average less than 30 ms each, ended by Enter or Tab, whatever has the focus. A page
// that stands still for a moment must not cut a code in two, so no single pause decides. The text comes from `event.code`, the place of
// the key, so no input method and no layout changes it. The field that had the focus gets back the text and the selection that it had
// before the burst.
//   listenToGun((code) => …)

const PER_KEY = 30;
const LONGEST_PAUSE = 400; // nobody pauses longer within a code, and no scanner does
const SHORTEST = 4;
const ENDS = new Set(["Enter", "NumpadEnter", "Tab"]);
const SHIFTS = new Set(["ShiftLeft", "ShiftRight", "CapsLock"]);
const PLAIN = "`1234567890-=[]\\;',./ ";
const SHIFTED = "~!@#$%^&*()_+{}|:\"<>? ";
const PLACES = ["Backquote", ..."1234567890".replace(/./g, "Digit$& ").trim().split(" "), "Minus", "Equal", "BracketLeft", "BracketRight",
  "Backslash", "Semicolon", "Quote", "Comma", "Period", "Slash", "Space"];
const NUMPAD = { NumpadSubtract: "-", NumpadAdd: "+", NumpadMultiply: "*", NumpadDivide: "/", NumpadDecimal: ".", NumpadEqual: "=" };

/** The sign on this key of the layout that scanners type on, or "". */
export function signOf(event) {
  const { code, shiftKey } = event;
  if (/^Key[A-Z]$/.test(code)) return shiftKey !== Boolean(event.getModifierState?.("CapsLock")) ? code[3] : code[3].toLowerCase();
  if (/^Numpad\d$/.test(code)) return code[6];
  const place = PLACES.indexOf(code);
  return place < 0 ? (NUMPAD[code] ?? "") : (shiftKey ? SHIFTED : PLAIN)[place];
}

export function listenToGun(take) {
  let burst = null;
  let ended = -Infinity;

  function finish(event) {
    const done = burst && burst.text.length >= SHORTEST && isFast(burst, event) ? burst : null;
    burst = null;
    // Some scanners end with two keys; the second must not press what has the focus.
    if (!done && event.timeStamp - ended >= PER_KEY) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ended = event.timeStamp;
    if (done) {
      putBack(done.field);
      take(done.text);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (ENDS.has(event.code)) return finish(event);
    if (SHIFTS.has(event.code)) return;
    const sign = signOf(event);
    const goesOn = burst && event.timeStamp - burst.at < LONGEST_PAUSE;
    if (!sign) burst = null;
    else if (goesOn) burst = { ...burst, text: burst.text + sign, at: event.timeStamp };
    else burst = { text: sign, at: event.timeStamp, since: event.timeStamp, field: remember() };
    if (goesOn && isFast(burst, event) && sign === " " && !burst.field) event.preventDefault(); // would press the button that has the focus
  }, true);
}

function isFast(burst, event) {
  return event.timeStamp - burst.at < LONGEST_PAUSE && (event.timeStamp - burst.since) / burst.text.length < PER_KEY;
}

function remember() {
  const node = document.activeElement;
  if (!node?.matches("input:not([type=file]), textarea, select")) return null;
  return { node, value: node.value, checked: node.checked, start: node.selectionStart, end: node.selectionEnd };
}

/** Now, and once more when an input method has put in what it was composing. */
function putBack(field) {
  if (!field) return;
  const restore = () => {
    field.node.value = field.value;
    if (field.start != null) field.node.setSelectionRange(field.start, field.end);
  };
  restore();
  const again = () => setTimeout(restore);
  field.node.addEventListener("compositionend", again, { once: true });
  setTimeout(() => field.node.removeEventListener("compositionend", again), 300);
}
