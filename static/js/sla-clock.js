// <sla-clock data-due="ISO" data-at="ISO" data-soon="seconds" data-now="seconds">: counts its [data-left] words down every 30 s, silently.
import { say } from "./dom.js";

const clocks = new Set();
const LEVELS = ["calm", "soon", "now", "over"];
const ICONS = { calm: "clock", soon: "clock", now: "bell", over: "alert" };

function span(seconds) {
  const minutes = Math.max(1, Math.floor(seconds / 60));
  const d = Math.floor(minutes / 1440);
  const h = Math.floor((minutes % 1440) / 60);
  const m = minutes % 60;
  if (d >= 7 || (d && !h)) return say("d", { d });
  if (d) return say("dh", { d, h });
  return h ? say(m ? "hm" : "h", { h, m }) : say("m", { m });
}

class SlaClock extends HTMLElement {
  connectedCallback() {
    if (!this.dataset.due) return;
    this.due = Date.parse(this.dataset.due);
    this.skew = this.dataset.at ? Date.now() - Date.parse(this.dataset.at) : 0; // the server's time, not the phone's
    clocks.add(this);
  }

  disconnectedCallback() {
    clocks.delete(this);
  }

  render() {
    const left = (this.due - Date.now() + this.skew) / 1000;
    this.querySelector("[data-left]").textContent = say(left > 0 ? "left" : "over", { time: span(Math.abs(left)) });
    const { soon = -1, now = -1, legal } = this.dataset;
    const level = LEVELS[left <= 0 ? 3 : left <= now ? 2 : left <= soon ? 1 : 0];
    if (left > 0 && soon === -1) return;
    this.className = `clock clock--${level}`;
    if (!legal) this.querySelector("use")?.setAttribute("href", `#i-${ICONS[level]}`);
  }
}

customElements.define("sla-clock", SlaClock);
const render = () => clocks.forEach((clock) => clock.render());
setInterval(render, 30000);
document.addEventListener("visibilitychange", () => document.hidden || render());
