// <reply-picker data-url="/…/replies/?complaint=7"> around one textarea. "/" or "、" at the start of a line, or Alt+/ anywhere, opens the
// canned replies; typing filters, arrows preview, Enter inserts, Esc closes. GET data-url&q=… answers JSON {"replies": [{"title",
// "text", "meta", "sent_as"}]}, its text already filled for this complaint. What was inserted is named by its `sent_as` in hidden inputs
// `canned_reply`; the event `reply-inserted` carries the whole reply.
// A {name} that is still open stops the submit and is selected for filling.
import { composing, debounce, element, say } from "./dom.js";

const OPEN_NAME = /\{[a-z][a-z0-9_]*\}/;

class ReplyPicker extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.load = debounce(() => this.fetchReplies(), 100);
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("input", (event) => { if (!event.isComposing) this.follow(); });
    this.area.addEventListener("compositionend", () => this.follow());
    this.area.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.form = this.closest("form");
    this.form?.addEventListener("submit", (event) => this.check(event));
    this.querySelector("[data-open-replies]")?.addEventListener("click", () => { this.area.focus(); this.begin(this.area.selectionStart); });
  }

  /** Open when the caret stands behind a slash that begins its line; close when the slash is gone. */
  follow() {
    const caret = this.area.selectionStart;
    if (this.box) {
      this.asked = this.area.value.slice(this.from, caret).replace(/^[/、／]/, "");
      return caret < this.from || this.asked.includes("\n") ? this.close() : this.load();
    }
    if (/(^|\n)[/、／]$/.test(this.area.value.slice(0, caret))) this.begin(caret - 1);
  }

  begin(from) {
    this.from = from;
    this.asked = "";
    this.list = element("div", { class: "picker__list", role: "listbox", id: "picker-list", "aria-label": say("replies") });
    this.preview = element("div", { class: "picker__preview", lang: this.area.lang || null, "aria-live": "polite" });
    this.box = element("div", { class: "picker" }, this.list, this.preview);
    this.area.before(this.box);
    this.area.setAttribute("aria-controls", "picker-list");
    this.fetchReplies();
  }

  async fetchReplies() {
    const asked = this.asked;
    const url = `${this.dataset.url}${this.dataset.url.includes("?") ? "&" : "?"}q=${encodeURIComponent(asked)}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!this.box || asked !== this.asked) return;
    this.replies = answer?.ok ? (await answer.json()).replies : [];
    if (!this.box) return;
    this.list.replaceChildren(...this.replies.map((reply, number) => this.option(reply, number)));
    if (!this.replies.length) this.preview.textContent = say(answer?.ok ? "no-replies" : "failed");
    this.mark(0);
  }

  option(reply, number) {
    const row = element("div", { class: "option", role: "option", id: `reply-${number}` }, element("span", { class: "option__text" }, reply.title));
    if (reply.meta) row.append(element("span", { class: "option__meta" }, reply.meta));
    row.addEventListener("mousedown", (event) => { event.preventDefault(); this.mark(number); this.insert(); });
    return row;
  }

  mark(index) {
    const count = this.replies.length;
    if (!count) return;
    this.at = (index + count) % count;
    [...this.list.children].forEach((row, number) => row.setAttribute("aria-selected", String(number === this.at)));
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `reply-${this.at}`);
    this.preview.textContent = this.replies[this.at].text;
  }

  key(event) {
    if (composing(event)) return;
    if (!this.box) {
      if (event.altKey && (event.key === "/" || event.code === "Slash")) { event.preventDefault(); this.begin(this.area.selectionStart); }
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(this.at + step);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && this.replies?.length) this.insert();
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  insert() {
    const reply = this.replies[this.at];
    this.area.setRangeText(reply.text, this.from, this.area.selectionStart, "end");
    this.form?.append(element("input", { type: "hidden", name: "canned_reply", value: reply.sent_as }));
    this.close();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.dispatchEvent(new CustomEvent("reply-inserted", { detail: reply, bubbles: true }));
    this.selectOpenName();
  }

  close() {
    this.box?.remove();
    this.box = null;
    this.area.removeAttribute("aria-activedescendant");
    this.area.removeAttribute("aria-controls");
  }

  selectOpenName() {
    const open = OPEN_NAME.exec(this.area.value);
    if (!open) return false;
    this.area.focus();
    this.area.setSelectionRange(open.index, open.index + open[0].length);
    return true;
  }

  check(event) {
    if (!this.selectOpenName()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const place = this.form.querySelector("[data-draft-state]") ?? this.appendChild(element("p", { class: "field__error", role: "alert" }));
    place.dataset.open = "";
    place.textContent = say("open-name", { name: OPEN_NAME.exec(this.area.value)[0] });
  }
}

customElements.define("reply-picker", ReplyPicker);
