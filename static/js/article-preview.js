// Draws the preview of an article anew while somebody writes: the page's own Preview button, pressed by a pause.
const PAUSE = 600;
const place = document.querySelector("[data-article-preview]");
const form = place?.closest("form");
let timer, asking;

async function draw() {
  asking?.abort();
  asking = new AbortController();
  const typed = new FormData(form);
  typed.delete("file");
  typed.set("_preview", "1");
  try {
    const answer = await fetch(form.action || location.href, { method: "POST", body: typed, signal: asking.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const drawn = page.querySelector("[data-article-preview] .previews__pair");
    if (drawn) place.querySelector(".previews__pair").replaceWith(document.adoptNode(drawn));
  } catch (error) {
    if (error.name !== "AbortError") console.warn(error);
  }
}

form?.addEventListener("input", (event) => {
  if (event.isComposing || !event.target.closest(".two-languages")) return;
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE);
});
form?.addEventListener("compositionend", () => {
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE);
});
