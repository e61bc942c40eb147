// A draft that the same agent saved on another page or device appears here, as long as nothing was typed here that it would replace;
// otherwise both are kept, and a notice lets the agent look at the other one or take it.
import { element, on, say } from "./dom.js";

const boxes = () => [...document.querySelectorAll("draft-box[data-live]")];
const area = (box) => box.querySelector("textarea");
const kept = (box) => box.kept ?? area(box).defaultValue.replace(/^\n/, "");

document.body.addEventListener("live:draft", ({ detail }) => {
  // One's own save is answered by then, and known by its moment.
  setTimeout(() => boxes().some((box) => box.saved >= detail.version) || look(), 400);
});

async function look() {
  const [first] = boxes();
  const answer = first && (await fetch(first.dataset.url, { credentials: "same-origin" }).catch(() => null));
  if (!answer?.ok) return;
  const found = await answer.json();
  for (const box of boxes()) bring(box, found[box.querySelector("[name=kind]").value] ?? "");
}

function bring(box, body) {
  const { value } = area(box);
  if (body === value || body === kept(box)) return;
  if (value === kept(box)) return take(box, body);
  box.querySelector("[data-elsewhere]")?.remove();
  const show = element("details", { class: "composer__other" }, element("summary", {}, say("draft-look")), element("p", { class: "plain" }, body));
  const use = element("button", { type: "button", class: "button button--small", "data-take-draft": true }, say("draft-take"));
  const notice = element("div", { class: "composer__notice composer__notice--warn", role: "status", "data-elsewhere": true }, element("span", {}, say("draft-other")), show, use);
  notice.body = body;
  box.prepend(notice);
}

function take(box, body) {
  area(box).value = box.kept = body;
  box.querySelector("[data-elsewhere]")?.remove();
  box.tell("draft-elsewhere");
}

on("click", "[data-take-draft]", (event, button) => {
  const box = button.closest("draft-box");
  take(box, button.closest("[data-elsewhere]").body);
  area(box).focus();
});
