// <cmd-palette data-url="/…/palette/">: Ctrl/⌘+K lists the page's own commands ([data-shortcut] or [data-command] controls that show) and
// what GET data-url?q=… answers: an HTML fragment of .palette__group headings and <a class="option" role="option" href> rows.
import { composing, debounce, element, say, visible } from "./dom.js";

class CmdPalette extends HTMLElement {
  connectedCallback() {
    this.open = (event) => {
      if (composing(event) || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      this.show();
    };
    document.addEventListener("keydown", this.open);
    this.search = debounce(() => this.fetchRows(), 120);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.open);
  }

  show() {
    if (this.dialog?.open) return;
    this.controls = [...document.querySelectorAll("[data-shortcut], [data-command]")].filter((control) => visible(control) && !control.closest("dialog"));
    this.input = element("input", { class: "palette__input", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-label": say("palette"), placeholder: say("palette"), autocomplete: "off" });
    this.own = element("div", { role: "group", "aria-label": say("here") });
    this.found = element("div", { role: "presentation" });
    this.list = element("div", { class: "palette__list", id: "palette-list", role: "listbox", "aria-label": say("palette") }, this.own, this.found);
    this.dialog = element("dialog", { class: "palette", "aria-label": say("palette") }, this.input, this.list);
    this.dialog.addEventListener("close", () => this.dialog.remove());
    this.dialog.addEventListener("click", (event) => this.press(event));
    this.input.addEventListener("input", () => { this.filter(); this.search(); });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.append(this.dialog);
    this.dialog.showModal();
    this.filter();
    this.fetchRows();
  }

  filter() {
    const asked = this.input.value.trim().toLowerCase();
    const rows = this.controls.map((control) => {
      const name = control.dataset.command || control.getAttribute("aria-label") || control.textContent.trim();
      if (!name.toLowerCase().includes(asked)) return null;
      const row = element("div", { class: "option", role: "option" }, element("span", { class: "option__text" }, name));
      if (control.dataset.shortcut) row.append(element("kbd", {}, control.dataset.shortcut));
      row.control = control;
      return row;
    }).filter(Boolean);
    this.own.replaceChildren(...(rows.length ? [element("div", { class: "palette__group" }, say("here"))] : []), ...rows);
    this.mark(0);
  }

  async fetchRows() {
    if (!this.dataset.url) return;
    const asked = this.input.value;
    const answer = await fetch(`${this.dataset.url}?q=${encodeURIComponent(asked)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || asked !== this.input.value) return;
    this.found.innerHTML = await answer.text();
    this.mark(0);
  }

  mark(index) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    this.at = options.length ? (index + options.length) % options.length : 0;
    options.forEach((option, number) => {
      option.id = `option-${number}`;
      option.setAttribute("aria-selected", String(number === this.at));
    });
    if (!options.length) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", `option-${this.at}`);
    options[this.at].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (composing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(this.at + step);
    else if (event.key === "Enter") this.run(this.list.querySelector("[aria-selected=true]"));
    else return;
    event.preventDefault();
  }

  press(event) {
    if (event.target === this.dialog) return this.dialog.close();
    const option = event.target.closest("[role=option]");
    if (option?.control) this.run(option);
  }

  run(option) {
    if (!option) return;
    this.dialog.close();
    if (!option.control) return option.click();
    if (option.control.matches("input, textarea, select")) option.control.focus();
    else option.control.click();
  }
}

customElements.define("cmd-palette", CmdPalette);
