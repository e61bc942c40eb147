// An article's page: tells once that it is being read (never by a GET, and what runs no scripts is not counted), and votes in place.
import { csrf, element, on, post } from "./dom.js";

const READ_AFTER = 4000;

/** Count a reading when the article was in view for some seconds, once in this tab. */
export function countReading(article) {
  const url = article?.dataset.readUrl;
  const key = `read:${url}`;
  if (!url || sessionStorage.getItem(key)) return;
  setTimeout(() => {
    if (document.visibilityState !== "visible" || !article.isConnected) return;
    sessionStorage.setItem(key, "1");
    post(url).catch(() => {});
  }, READ_AFTER);
}

/** Send a form of [data-vote] and put the answer in its place. */
async function vote(event, place) {
  const form = event.target;
  const fields = new FormData(form);
  if (event.submitter?.name) fields.append(event.submitter.name, event.submitter.value);
  event.preventDefault();
  try {
    const answer = await post(form.action, fields, { headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    if (!answer.ok && answer.status !== 429) throw new Error(answer.status);
    const shown = document.createRange().createContextualFragment(await answer.text()).firstElementChild;
    place.replaceWith(shown);
    shown.focus();
  } catch {
    const { name, value } = event.submitter ?? {};
    if (name) form.append(element("input", { type: "hidden", name, value }));
    HTMLFormElement.prototype.submit.call(form);
  }
}

on("submit", "[data-vote]", vote);
countReading(document.querySelector("main [data-read-url]"));
