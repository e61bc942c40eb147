// htmx's requests, made visible: the target is busy while its new content is on the way, and a failure says so and keeps the old content.
import { say, toast } from "./dom.js";

const busy = (event, state) => (event.detail.target ?? event.target).setAttribute("aria-busy", state);
document.addEventListener("htmx:beforeRequest", (event) => busy(event, "true"));
document.addEventListener("htmx:afterRequest", (event) => busy(event, "false"));
for (const type of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(type, (event) => event.detail.elt?.closest("[data-poll]") || toast({ text: say("failed") })); // polls say it by themselves
}
