// <chat-room data-number data-send data-pulse> around a conversation: lines come by the live stream or by looking again, and go out in
// order. A line is kept in this tab until the server has it; its number makes sending it twice one line. Words for its states stand in
// data-unsent, data-sending, data-refused, data-again, data-drop and data-lost.
import { composing, csrf, element } from "./dom.js";

const LOOK = 5000; // while nothing is heard by the stream
const CALM = 15000; // while the stream works, so that we are known to be here
const LONGEST_REST = 15000;
const TYPING_AGAIN = 4000;

class ChatRoom extends HTMLElement {
  connectedCallback() {
    this.log = this.querySelector("[data-log]");
    this.standing = this.querySelector("[data-standing]");
    this.form = this.querySelector("[data-line-form]");
    this.area = this.form.querySelector("textarea");
    this.lost = this.querySelector("[data-lost-line]");
    this.key = `chat:${this.dataset.number}`;
    this.unsent = (this.remember("lines") ?? []).map(({ id, body, files, names, item }) => ({ id, body, files, names, item }));
    this.area.value ||= this.remember("text") ?? "";
    for (const part of this.querySelectorAll("[data-scriptless]")) part.hidden = true;
    for (const line of this.unsent) this.draw(line);
    this.form.addEventListener("submit", (event) => this.submit(event));
    for (const form of this.querySelectorAll("[data-item]")) form.addEventListener("submit", (event) => this.sendItem(event, form));
    this.area.addEventListener("keydown", (event) => this.press(event));
    this.area.addEventListener("input", () => this.typed());
    document.body.addEventListener(`live:complaint-${this.dataset.number}`, () => this.heard());
    document.body.addEventListener("live:poll", () => this.look());
    for (const type of ["online", "pageshow", "focus"]) addEventListener(type, () => { this.rest = 0; this.look(); this.flush(); });
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
    addEventListener("scroll", () => this.isNews() && this.look(), { passive: true });
    scrollTo(0, document.documentElement.scrollHeight);
    this.flush();
    this.plan();
  }

  remember(name) {
    try { return JSON.parse(sessionStorage.getItem(`${this.key}:${name}`)); } catch { return null; }
  }

  keep(name, value) {
    try { sessionStorage.setItem(`${this.key}:${name}`, JSON.stringify(value)); } catch { /* full or forbidden: the page itself still holds it */ }
  }

  keepLines() {
    this.keep("lines", this.unsent.map(({ id, body, files, names, item }) => ({ id, body, files, names, item })));
  }

  typed() {
    this.keep("text", this.area.value);
    if (!this.area.value || Date.now() - (this.told ?? 0) < TYPING_AGAIN) return;
    this.told = Date.now();
    this.look({ typing: 1 });
  }

  /** Enter sends where there is a keyboard. On touch it is a new line, and while an input method composes it belongs to that. */
  press(event) {
    if (composing(event) || event.key !== "Enter" || event.shiftKey || event.altKey) return;
    if (matchMedia("(pointer: coarse)").matches && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  submit(event) {
    event.preventDefault();
    event.stopPropagation();
    const files = [...this.form.querySelectorAll("input[type=hidden][name=evidence]")].map((field) => field.value);
    const body = this.area.value.trim();
    if (!body && !files.length) return this.area.focus();
    const names = [...this.form.querySelectorAll(".drop__name")].map((name) => name.textContent);
    this.area.value = "";
    this.keep("text", "");
    this.form.querySelector("[data-drop-list]").replaceChildren();
    this.add({ body, files, names });
  }

  /** An item of the order goes the way of every line. */
  sendItem(event, form) {
    event.preventDefault();
    this.querySelector("[data-items]").open = false;
    this.add({ body: "", files: [], names: [form.closest("li").querySelector(".goods-card__title").textContent], item: form.dataset.item });
  }

  add(words) {
    const line = { id: crypto.randomUUID?.() ?? `${Date.now()}${Math.random()}`, ...words };
    this.unsent.push(line);
    this.draw(line);
    this.keepLines();
    this.area.focus();
    this.rest = 0;
    this.flush();
  }

  draw(line) {
    line.state = element("p", { class: "meta", role: "status" }, this.dataset.sending);
    const text = [line.body, ...(line.names ?? [])].filter(Boolean).join("\n");
    line.shown = element("article", { class: "message message--waiting" }, element("p", { class: "plain", dir: "auto" }, text), line.state);
    this.log.append(line.shown);
    scrollTo(0, document.documentElement.scrollHeight);
  }

  /** Send what waits, one line after the other; a line that cannot go now keeps its place and the ones behind it. */
  async flush() {
    if (this.busy) return;
    this.busy = true;
    while (this.unsent.length && !this.unsent[0].refused) {
      const [line] = this.unsent;
      const answer = await this.post(this.dataset.send, { body: line.body, request_id: line.id, ...(line.item && { item: line.item }) }, line.files);
      if (!answer || answer.status >= 500 || answer.status === 429) {
        line.state.textContent = this.dataset.unsent;
        this.rest = Math.min((this.rest || 500) * 2, LONGEST_REST);
        setTimeout(() => this.flush(), this.rest);
        break;
      }
      if (!answer.ok) { this.refuse(line); break; }
      if (answer.redirected) return location.assign(answer.url); // it became a complaint of its own
      this.forget(line);
      this.take(await answer.text());
    }
    this.busy = false;
  }

  refuse(line) {
    line.refused = true;
    const again = element("button", { type: "button", class: "button button--quiet button--small" }, this.dataset.again);
    const drop = element("button", { type: "button", class: "button button--quiet button--small" }, this.dataset.drop);
    again.addEventListener("click", () => { line.refused = false; line.state.replaceChildren(this.dataset.sending); this.flush(); });
    drop.addEventListener("click", () => { this.forget(line); this.area.focus(); this.flush(); });
    line.state.replaceChildren(`${this.dataset.refused} `, again, drop);
  }

  forget(line) {
    line.shown.remove();
    this.unsent = this.unsent.filter((each) => each !== line);
    this.keepLines();
  }

  heard() {
    this.streams = Date.now();
    this.look();
  }

  plan() {
    clearTimeout(this.timer);
    const streams = Date.now() - (this.streams ?? 0) < 4 * CALM;
    this.timer = setTimeout(() => this.look(), streams || !this.querySelector("[data-live-session]") ? CALM : LOOK);
  }

  /** Say that we are here and fetch what this page does not have. Asked while it is underway it looks once more afterwards. */
  async look(told = {}) {
    if (this.looking) { this.again = true; return; }
    this.looking = true;
    const answer = await this.post(this.dataset.pulse, told);
    if (answer?.ok) {
      this.take(await answer.text());
      if (this.isNews()) this.again = true;
    }
    this.show(answer);
    this.looking = false;
    this.plan();
    if (this.again) { this.again = false; this.look(); }
  }

  show(answer) {
    if (answer && answer.status < 500) {
      this.since = null;
      this.lost.hidden = true;
      if (answer.status === 404) location.reload();
      return;
    }
    this.since ??= new Date().toTimeString().slice(0, 5);
    this.lost.textContent = this.dataset.lost.replace("{time}", this.since);
    this.lost.hidden = false;
  }

  post(url, fields, files = []) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    for (const file of files) body.append("evidence", file);
    body.append("after", this.newest("m"));
    body.append("since", this.newest("e"));
    const ours = this.ours();
    this.known = ours.join();
    body.append("got", ours[0]);
    body.append("read", ours[1]);
    return fetch(url, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": csrf(), "X-Chat": "1" } }).catch(() => null);
  }

  /** The newest of their lines that is here, and the newest that lies open: in a page that is in front, above the field. */
  ours() {
    const lines = [...this.log.querySelectorAll("[data-line].message--team")].map((line) => [Number(line.id.slice(1)), line]);
    const edge = this.form.getBoundingClientRect().top;
    const open = document.hidden ? [] : lines.filter(([, line]) => line.getBoundingClientRect().top < edge);
    const most = (found) => found.reduce((newest, [number]) => Math.max(newest, number), 0);
    this.seen = Math.max(this.seen ?? 0, most(open));
    return [most(lines), this.seen];
  }

  isNews() {
    return this.ours().join() !== this.known;
  }

  newest(kind) {
    return [...this.log.querySelectorAll(`[data-line][id^=${kind}]`)].reduce((most, line) => Math.max(most, Number(line.id.slice(1))), 0);
  }

  /** Put what came into the page: lines that are not there yet, and where the conversation stands. */
  take(html) {
    const came = new DOMParser().parseFromString(html, "text/html");
    const isAtEnd = innerHeight + scrollY > document.documentElement.scrollHeight - 120;
    for (const line of came.querySelectorAll("[data-line]")) {
      if (document.getElementById(line.id)) continue;
      this.log.insertBefore(document.adoptNode(line), this.log.querySelector(".message--waiting"));
    }
    const status = came.querySelector("[data-pin-status]")?.textContent;
    if (status) this.querySelector("[data-pin-status]").textContent = status;
    const standing = came.getElementById("standing");
    this.tick(Number(standing?.dataset.read));
    const words = standing?.innerHTML.replace(/ value="[^"]*"/g, ""); // the token of a form is another one each time
    if (standing && this.stands !== words && !this.standing.contains(document.activeElement)) {
      this.stands = words;
      this.standing.replaceChildren(document.adoptNode(standing));
    }
    if (isAtEnd) scrollTo(0, document.documentElement.scrollHeight);
  }

  /** Up to here the person who talks with us has read. */
  tick(read) {
    for (const line of this.log.querySelectorAll("[data-line]:not(.message--team)")) {
      if (line.id.startsWith("m") && Number(line.id.slice(1)) <= read) line.querySelector("[data-tick]").classList.add("chat__tick--read");
    }
  }
}

customElements.define("chat-room", ChatRoom);
