// <article-suggest data-url="/…/suggest/" data-form="problem">: articles that fit what is being written. In the right column where
// there is one, else below the description. An article opens in a sheet over the form; nothing of the form is touched.
import { countReading } from "./help-article.js";
import { csrf, debounce, element, on, post, say } from "./dom.js";

class ArticleSuggest extends HTMLElement {
  connectedCallback() {
    if (this.home) return;
    this.home = this.parentElement;
    this.next = this.nextSibling;
    this.form = document.getElementById(this.dataset.form);
    this.text = this.form?.querySelector("[name=description]");
    if (!this.text) return;
    const later = debounce(() => this.ask(), 600);
    this.form.addEventListener("input", (event) => {
      if (!event.isComposing && ["category", "description"].includes(event.target.name)) later();
    });
    const wide = matchMedia("(min-width: 900px)");
    wide.addEventListener("change", () => this.settle(wide.matches));
    this.settle(wide.matches);
    this.ask();
  }

  settle(isWide) {
    if (isWide) this.home.insertBefore(this, this.next);
    else this.text.closest(".field").append(this);
  }

  async ask() {
    const fields = new FormData();
    fields.append("category", this.form.querySelector("[name=category]:checked")?.value ?? "");
    fields.append("description", this.text.value.slice(0, 2000));
    const asked = [...fields.values()].join("\n");
    if (asked === this.asked || !asked.trim()) return;
    this.asked = asked;
    this.underway?.abort();
    const { signal } = (this.underway = new AbortController());
    try {
      const answer = await post(this.dataset.url, fields, { signal });
      if (answer.ok) this.innerHTML = await answer.text();
    } catch { /* the form does not need it */ }
  }
}

async function open(event, link) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const close = element("button", { type: "button", class: "button button--quiet button--icon", "aria-label": say("close") });
  close.innerHTML = '<svg class="icon" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true"><use href="#i-close"/></svg>';
  const body = element("div");
  const sheet = element("dialog", { class: "dialog sheet" }, element("div", { class: "sheet__head" }, close), body);
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => { sheet.remove(); link.focus(); });
  try {
    const answer = await fetch(link.dataset.panel, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    body.innerHTML = await answer.text();
  } catch {
    window.open(link.href, "_blank", "noopener");
    return;
  }
  document.body.append(sheet);
  sheet.setAttribute("aria-label", body.querySelector("h2")?.textContent ?? "");
  sheet.showModal();
  countReading(body.querySelector("[data-read-url]"));
}

on("click", "a[data-panel]", open);
customElements.define("article-suggest", ArticleSuggest);
