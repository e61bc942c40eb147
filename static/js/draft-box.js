// <draft-box data-url="/…/draft/"> around fields: posts them 500 ms after typing stops, and at once when the page is left.
// What was sent is no draft any more: sending drops the waiting save and calls back one that is on its way. Only `input` counts as
// typing: a field also fires `change` when the answer takes its place away.
// The words of its [data-draft-state] follow (saving, saved, offline); files are left to <file-drop>. Any 2xx answer means saved.
import { debounce, post, say } from "./dom.js";

class DraftBox extends HTMLElement {
  connectedCallback() {
    const later = debounce(() => this.again(), 500);
    const sent = () => { this.dirty = false; this.underway?.abort(); };
    this.addEventListener("input", () => { this.dirty = true; delete this.place()?.dataset.open; later(); });
    this.addEventListener("submit", sent);
    this.form = this.closest("form") ?? this.querySelector("form");
    this.form?.addEventListener("submit", sent);
    this.form?.addEventListener("htmx:sendError", () => { this.dirty = true; later(); });
    this.leave = () => this.dirty && this.save({ keepalive: true });
    this.again = () => this.dirty && this.save();
    addEventListener("pagehide", this.leave);
    addEventListener("online", this.again);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.leave);
    removeEventListener("online", this.again);
  }

  fields() {
    const fields = new FormData();
    for (const field of this.querySelectorAll("input, textarea, select")) {
      const skipped = !field.name || field.disabled || field.type === "file" || field.type === "password" || field.name === "csrfmiddlewaretoken";
      if (skipped || ((field.type === "radio" || field.type === "checkbox") && !field.checked)) continue;
      fields.append(field.name, field.value);
    }
    return fields;
  }

  async save(options = {}) {
    const { signal } = (this.underway = new AbortController());
    const fields = this.fields();
    this.dirty = false;
    this.tell("saving");
    try {
      const answer = await post(this.dataset.url, fields, { ...options, signal });
      if (!answer.ok) throw new Error(answer.status);
      this.kept = fields.get("body"); // what the server holds, and since when: draft-elsewhere.js compares
      this.saved = Number(answer.headers.get("Draft-Saved"));
      if (!this.dirty) this.tell("saved");
    } catch {
      if (signal.aborted) return;
      this.dirty = true;
      this.tell("unsaved");
      clearTimeout(this.retry);
      this.retry = setTimeout(this.again, 5000);
    }
  }

  place() {
    return this.querySelector("[data-draft-state]") ?? this.form?.querySelector("[data-draft-state]");
  }

  tell(state) {
    const place = this.place(); // what <reply-picker> said of an open name stands until somebody types
    if (place && !("open" in place.dataset)) place.textContent = say(state);
    this.dataset.state = state;
  }
}

customElements.define("draft-box", DraftBox);
