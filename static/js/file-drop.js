// <file-drop data-upload-url data-max="9" data-field="evidence"> around <input type=file>. Each chosen file is shrunk to 2048 px and
// sent at once (multipart `file`, `modified`); the answer is JSON: 201 {id, thumb_url, remove_url} or 4xx {error}. Its id then travels
// in a hidden input. Without data-upload-url the files stay in the input and go with the form.
// Files that a draft already holds stand in the form as <li data-file> inside [data-drop-list]; they count, and [data-remove] drops them.
import { csrf, element, post, say } from "./dom.js";

const LONGEST = 2048;
const AT_ONCE = 2;

async function shrink(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || !self.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = LONGEST / Math.max(picture.width, picture.height);
    if (scale >= 1) return file;
    const canvas = element("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return small && small.size < file.size ? new File([small], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // not readable here: the server says why
  }
}

class FileDrop extends HTMLElement {
  connectedCallback() {
    if (!this.dataset.uploadUrl) return;
    this.input = this.querySelector("input[type=file]");
    this.list = this.closest("form")?.querySelector("[data-drop-list]") ?? this.appendChild(element("ul", { class: "drop__list" }));
    this.count = this.querySelector(".drop__zone").appendChild(element("span", { class: "drop__count" }));
    this.max = Number(this.dataset.max || 9);
    this.waiting = [];
    this.sending = 0;
    this.classList.add("drop--live");
    this.input.addEventListener("change", () => { this.take(this.input.files); this.input.value = ""; });
    this.list.addEventListener("click", (event) => this.press(event));
    for (const type of ["dragover", "dragleave", "drop"]) this.addEventListener(type, (event) => this.drag(event));
    this.closest("form")?.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) { event.preventDefault(); this.take(event.clipboardData.files); }
    });
    this.recount();
  }

  drag(event) {
    event.preventDefault();
    this.classList.toggle("drop--over", event.type === "dragover");
    if (event.type === "drop") this.take(event.dataTransfer.files);
  }

  take(files) {
    for (const file of files) {
      if (this.list.children.length >= this.max) { this.count.textContent = say("full", { max: this.max }); return; }
      const row = this.row(file);
      this.list.append(row);
      this.queue(row);
    }
    this.recount();
  }

  row(file) {
    const state = element("span", { class: "drop__state", role: "status" });
    const bar = element("progress", { class: "drop__bar", max: 1, value: 0, "aria-label": file.name });
    const words = element("div", {}, element("div", { class: "drop__name" }, file.name), state, bar);
    const retry = element("button", { type: "button", class: "button button--quiet button--small", "data-retry": true, hidden: true }, say("retry"));
    const remove = element("button", { type: "button", class: "button button--quiet button--small", "data-remove": true, "aria-label": say("remove-file", { name: file.name }) }, say("remove"));
    const picture = element("img", { class: "drop__thumb", alt: "" });
    if (file.type.startsWith("image/")) picture.src = URL.createObjectURL(file);
    const row = element("li", { class: "drop__file", "data-file": true }, picture, words, element("div", { class: "drop__acts" }, retry, remove));
    return Object.assign(row, { file, state, bar, retry, picture });
  }

  queue(row) {
    row.state.textContent = say("waiting");
    this.waiting.push(row);
    this.next();
  }

  async next() {
    while (this.sending < AT_ONCE && this.waiting.length) {
      const row = this.waiting.shift();
      if (!row.isConnected) continue;
      this.sending += 1;
      this.send(row).finally(() => { this.sending -= 1; this.next(); });
    }
  }

  async send(row) {
    row.classList.remove("drop__file--failed");
    row.retry.hidden = true;
    row.bar.hidden = false;
    row.shrunk ??= await shrink(row.file);
    const body = new FormData();
    body.append("file", row.shrunk, row.shrunk.name);
    body.append("modified", new Date(row.file.lastModified).toISOString());
    const answer = await this.transfer(row, body);
    if (answer.id) this.arrived(row, answer);
    else this.failed(row, answer.error || say("failed"));
  }

  transfer(row, body) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      row.request = request;
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        row.bar.value = event.loaded / event.total;
        row.state.textContent = say("sending", { percent: Math.round(row.bar.value * 100) });
      });
      request.addEventListener("loadend", () => done(request.response ?? {}));
      request.open("POST", this.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", csrf());
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    });
  }

  arrived(row, answer) {
    row.bar.hidden = true;
    row.state.textContent = say("sent");
    row.dataset.removeUrl = answer.remove_url ?? "";
    row.append(element("input", { type: "hidden", name: this.dataset.field || "evidence", value: answer.id }));
    if (answer.thumb_url) row.picture.src = answer.thumb_url;
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  failed(row, why) {
    row.classList.add("drop__file--failed");
    row.bar.hidden = true;
    row.retry.hidden = false;
    row.state.textContent = why;
  }

  press(event) {
    const row = event.target.closest("[data-file]");
    if (!row) return;
    if (event.target.closest("[data-retry]")) this.queue(row);
    if (!event.target.closest("[data-remove]")) return;
    event.preventDefault();
    row.request?.abort();
    if (row.dataset.removeUrl) post(row.dataset.removeUrl).catch(() => null);
    row.remove();
    this.input.focus();
    this.recount();
  }

  recount() {
    this.count.textContent = `${this.list.children.length}/${this.max}`;
  }
}

customElements.define("file-drop", FileDrop);
