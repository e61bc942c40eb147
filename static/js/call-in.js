// A lead asks somebody back to work: the answer to the desk's heartbeat says so until they are ready.
import { csrf, element } from "./dom.js";

/** Show what the heartbeat was told, with a button that makes one ready; nothing to tell takes it away. */
export async function heed(answer, heart) {
  const shown = document.querySelector("[data-call-in]");
  if (answer.status !== 200) return void shown?.remove();
  if (shown) return;
  const { text, button } = await answer.json();
  const hidden = (name, value) => element("input", { type: "hidden", name, value });
  const ready = element("button", { class: "button button--primary", name: "state", value: "ready" }, button);
  const form = element(
    "form", { class: "notice notice--acts", method: "post", action: heart.dataset.heartbeat, role: "status", "data-call-in": true },
    hidden("csrfmiddlewaretoken", csrf()), hidden("next", location.pathname + location.search), element("span", {}, text), ready,
  );
  document.getElementById("main").prepend(form);
}
