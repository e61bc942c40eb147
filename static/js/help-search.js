// <help-search data-url="/…/instant/"> around a search form: shows hits in its [data-hits] while somebody types. The words are sent by
// POST, so they stand in no address. Arrow keys walk from the box through the hits, Esc goes back to the box and folds them away.
import { composing, debounce, post } from "./dom.js";

class HelpSearch extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("input:not([type=hidden])");
    this.hits = this.querySelector("[data-hits]");
    this.form = this.box.form;
    const later = debounce(() => this.look(), 220);
    this.box.addEventListener("input", (event) => { if (!event.isComposing) later(); });
    this.box.addEventListener("compositionend", later);
    this.form.addEventListener("submit", () => this.underway?.abort());
    this.addEventListener("keydown", (event) => this.walk(event));
  }

  async look() {
    const words = this.box.value.trim();
    this.underway?.abort();
    if (words.length < 2) return this.show("");
    const { signal } = (this.underway = new AbortController());
    const fields = new FormData();
    fields.append(this.box.name, words);
    this.hits.setAttribute("aria-busy", "true");
    try {
      const answer = await post(this.dataset.url, fields, { signal, headers: this.headers() });
      if (answer.ok) this.show(await answer.text());
    } catch { /* the button of the form still searches */ }
    if (!signal.aborted) this.hits.removeAttribute("aria-busy");
  }

  headers() {
    return { "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "", "HX-Request": "true" };
  }

  show(html) {
    this.hits.innerHTML = html;
    this.hits.hidden = !html.trim();
  }

  walk(event) {
    if (composing(event) || this.hits.hidden) return;
    const stops = [this.box, ...this.hits.querySelectorAll("[data-hit]")];
    const at = stops.indexOf(document.activeElement);
    if (event.key === "Escape") { this.show(""); this.box.focus(); }
    else if (event.key === "ArrowDown" && at >= 0) stops[Math.min(at + 1, stops.length - 1)].focus();
    else if (event.key === "ArrowUp" && at > 0) stops[at - 1].focus();
    else return;
    event.preventDefault();
  }
}

customElements.define("help-search", HelpSearch);
