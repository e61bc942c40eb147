// What every module shares: words of the page's language, the CSRF token, delegation, composing keys, toasts.

const box = document.getElementById("words");
const words = box ? JSON.parse(box.textContent) : {};

/** A string of the page's language with its {names} filled. */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function csrf() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** True while an input method is composing: its keys are not commands. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

export function on(type, selector, act, options) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) act(event, found);
  }, options);
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export function debounce(act, wait) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(act, wait, ...given);
  };
}

export function visible(candidate) {
  return candidate.getClientRects().length > 0 && !candidate.disabled;
}

/** Show a short message; with `undo` (a URL to POST to) a button counts its seconds down. */
export function toast({ text, undo, seconds = 10 }) {
  const shown = element("div", { class: "toast" }, element("span", { class: "toast__text" }, text));
  const end = Date.now() + (undo ? seconds : 6) * 1000;
  const button = undo && element("button", { class: "toast__undo", type: "button" });
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) return close();
    if (button) button.textContent = say("undo", { seconds: left });
  };
  const timer = setInterval(tick, 500);
  const close = () => { clearInterval(timer); shown.remove(); };
  if (button) {
    shown.append(button);
    button.addEventListener("click", async () => {
      close();
      const done = await post(undo).catch(() => null);
      toast({ text: say(done?.ok ? "undone" : "not-undone") });
      document.body.dispatchEvent(new CustomEvent("undone", { detail: { url: undo, ok: Boolean(done?.ok) } }));
    });
  }
  tick();
  document.querySelector("[data-toasts]")?.append(shown);
}

export function post(url, body = new FormData(), options = {}) {
  return fetch(url, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": csrf() }, ...options });
}
