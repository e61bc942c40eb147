// Small courtesies of every page: focus the error summary, copy a number, send once, open dialogs, show toasts of the server.
//   data-copy="#id"     copies that element's text        data-opens="#id"  opens that <dialog>       data-closes  closes its dialog
//   data-arrive         takes the focus of who comes by a link of ours; who comes from elsewhere begins at the top
//   data-toast='{"text": "…", "undo": "/url/", "seconds": 10}' on any element shows a toast once
import { on, say, toast } from "./dom.js";

document.querySelector("[data-autofocus]")?.focus();
if (document.referrer.startsWith(`${location.origin}/`) && !document.querySelector("[data-autofocus]")) document.querySelector("[data-arrive]")?.focus();

on("click", "[data-copy]", async (event, button) => {
  const text = document.querySelector(button.dataset.copy)?.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: say("copied") });
  } catch {
    getSelection().selectAllChildren(document.querySelector(button.dataset.copy));
  }
});

on("click", "[data-opens]", (event, button) => {
  const dialog = document.querySelector(button.dataset.opens);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-closes]", (event, button) => {
  const dialog = button.closest("dialog");
  if (!dialog) return; // the same fragment as a page of its own: its link leads back
  event.preventDefault();
  dialog.close();
});

// A second press of a submit button while the first is on its way does nothing. The button stays enabled, so its name is sent.
on("submit", "form", (event, form) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // Runs after other listeners, which may still refuse the submit or hand it to htmx.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

function showToasts(root) {
  for (const told of root.querySelectorAll("[data-toast]")) {
    toast(JSON.parse(told.dataset.toast));
    told.removeAttribute("data-toast");
  }
}
showToasts(document);
document.addEventListener("htmx:afterSettle", () => showToasts(document));
document.body.addEventListener("toast", (event) => toast(event.detail)); // the HX-Trigger header of an answer
