// The scanning screen. <scan-box data-url data-undo-url data-who data-warehouse data-mode data-worker data-page> holds
//   [data-result] with [data-result-icon], [data-result-title], [data-result-code], [data-result-words], [data-result-links]
//   form[data-scan-form] with input[name=code]      a[data-mode]        [data-count]  [data-waiting]  [data-standing]
//   button[data-undo|data-sound|data-camera|data-keyboard]   input[data-photo]   dialog[data-camera-view]   [data-looks] > ol
// Every code goes to the queue of scan-queue.js first; what is shown in the end is what the server said.
import "./page.js";
import { element, on, post, say } from "./dom.js";
import { ScanCamera, readPhoto } from "./scan-camera.js";
import { listenToGun } from "./scan-gun.js";
import { ScanSender, forgetLook, keepScan, retryLook, scansToLookAt, scansWaiting, takeBackScan } from "./scan-queue.js";

const SAME_CODE = 3000;
const MOST_LOOKS = 50;
const A_DAY = 24 * 3600 * 1000;
const TONES = { good: [[880, 0], [1320, 0.09]], warn: [[660, 0], [660, 0.16]], bad: [[220, 0], [180, 0.2]], kept: [[740, 0]] };
const SHAKES = { good: 40, warn: [60, 60, 60], bad: [200, 80, 200], kept: 20 };

const settings = {
  get: (name) => { try { return localStorage.getItem(`scan-${name}`); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`scan-${name}`, value); } catch { /* not remembered then */ } },
};

/** A UUID also where crypto.randomUUID is missing: on plain http. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function icon(name, size) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const look = { fill: "none", stroke: "currentColor", "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round" };
  for (const [key, value] of Object.entries({ class: "icon", width: size, height: size, "aria-hidden": "true", ...look })) made.setAttribute(key, value);
  made.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  made.firstChild.setAttribute("href", `#i-${name}`);
  return made;
}

const linksOf = (answer) => (answer.links ?? []).map(({ url, text }) => element("a", { class: "button", href: url }, text));

class ScanBox extends HTMLElement {
  connectedCallback() {
    this.spot = (name) => this.querySelector(`[data-${name}]`);
    this.form = this.spot("scan-form");
    this.field = this.form.elements.code;
    this.recent = new Map();
    this.turn = 0;
    this.keeping = 0; // scans on their way to the disk
    this.count = Number(this.spot("count").dataset.count);
    this.last = this.dataset.last ? { client_id: this.dataset.last } : null;
    this.sender = new ScanSender(this.dataset.url, this.dataset.who);
    this.sender.addEventListener("answers", (event) => this.answered(event.detail));
    this.sender.addEventListener("standing", () => this.tell());
    this.setUp();
    listenToGun((code) => { this.learnGun(); this.take(code); });
    this.setAttribute("data-live", "");
    this.drawLooks();
    this.sender.wake();
    this.keepPage();
  }

  setUp() {
    this.setMode(new URLSearchParams(location.search).get("mode") ?? this.dataset.mode);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.take(this.field.value); this.field.value = ""; });
    this.addEventListener("click", (event) => this.press(event));
    this.spot("photo").addEventListener("change", (event) => this.photo(event.target));
    this.showSetting("sound", settings.get("sound") !== "off");
    this.showSetting("keyboard", settings.get("keyboard") !== "off");
    addEventListener("storage", () => this.tell());
  }

  press(event) {
    const mode = event.target.closest("a[data-mode]");
    if (mode) {
      event.preventDefault();
      history.replaceState(null, "", mode.href);
      return this.setMode(mode.dataset.mode);
    }
    const button = event.target.closest("button");
    if (!button) return undefined;
    if ("undo" in button.dataset) return this.undo(event);
    if ("camera" in button.dataset) return this.openCamera();
    if ("sound" in button.dataset || "keyboard" in button.dataset) {
      const name = "sound" in button.dataset ? "sound" : "keyboard";
      const isOn = button.getAttribute("aria-pressed") !== "true";
      settings.set(name, isOn ? "on" : "off");
      this.showSetting(name, isOn);
      if (name === "keyboard") this.field.focus();
    }
    return undefined;
  }

  showSetting(name, isOn) {
    this.spot(name).setAttribute("aria-pressed", isOn);
    if (name === "keyboard") this.field.inputMode = isOn ? "text" : "none";
  }

  /** A device with a scanner of its own needs no keyboard on the screen, unless somebody asked for it. */
  learnGun() {
    if (settings.get("keyboard")) return;
    settings.set("keyboard", "off");
    this.showSetting("keyboard", false);
  }

  setMode(mode) {
    const links = [...this.querySelectorAll("a[data-mode]")];
    this.mode = links.some((link) => link.dataset.mode === mode) ? mode : links[0].dataset.mode;
    for (const link of links) link.dataset.mode === this.mode ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    this.form.elements.mode.value = this.mode;
  }

  async take(text) {
    const code = text.trim();
    if (!code) return;
    const now = Date.now();
    const isRepeat = now - (this.recent.get(code) ?? -Infinity) < SAME_CODE;
    this.recent.set(code, now);
    if (isRepeat) {
      this.show({ tone: "kept", icon: "pause", title: say("scan-same"), words: say("scan-same-why"), code });
      return;
    }
    const { who, warehouse } = this.dataset;
    const scan = { client_id: newId(), code, scanned_at: new Date(now).toISOString(), mode: this.mode, warehouse, who };
    this.show({ tone: "kept", icon: "clock", title: say("scan-kept"), words: "", code }, { isQuiet: true });
    this.turn += 1;
    // Not counted as waiting before it is on the disk: a tab that dies now takes it along.
    this.dataset.keeping = this.keeping += 1;
    try {
      scan.seq = await keepScan(scan).finally(() => { this.keeping -= 1; });
    } catch {
      this.recent.delete(code);
      this.show({ tone: "bad", icon: "alert", title: say("scan-lost"), words: say("scan-lost-why"), code });
      return this.tell();
    }
    this.last = scan;
    if (this.sender.state !== "idle") this.signal("kept");
    this.tell();
    this.sender.wake();
  }

  answered(pairs) {
    const own = pairs.map(([scan, answer]) => [scan, this.worded(answer)]);
    this.count += own.filter(([, answer]) => answer.is_new).length;
    const [scan, answer] = own.at(-1);
    this.show({ code: scan.code, ...answer });
    this.tell();
    this.drawLooks();
    if (scan.mode === "inspect" && answer.tone === "good" && answer.links?.length === 1 && own.length === 1) location.assign(answer.links[0].url);
  }

  worded(answer) {
    return answer.outcome === "not-taken" ? { ...answer, icon: "alert", title: say("scan-not-taken"), words: say("scan-not-taken-why") } : answer;
  }

  show({ tone, icon: sign, title, words = "", code = "", links = [] }, { isQuiet = false } = {}) {
    this.spot("result").dataset.tone = tone;
    this.spot("result-icon").replaceChildren(icon(sign, 64));
    this.spot("result-title").textContent = title;
    this.spot("result-code").textContent = code;
    this.spot("result-words").textContent = words;
    this.spot("result-links").replaceChildren(...linksOf({ links }));
    this.spot("result").scrollIntoView({ block: "nearest" });
    if (!isQuiet) this.signal(tone);
  }

  /** Sound and shaking tell the outcome to somebody who looks at the parcel. */
  signal(tone) {
    if (this.spot("sound").getAttribute("aria-pressed") !== "true") return;
    navigator.userActivation?.hasBeenActive !== false && navigator.vibrate?.(SHAKES[tone]);
    this.audio ??= self.AudioContext && new AudioContext();
    if (this.audio?.state === "suspended") this.audio.resume().catch(() => null);
    if (this.audio?.state !== "running") return;
    for (const [pitch, after] of TONES[tone]) {
      const voice = new OscillatorNode(this.audio, { type: "square", frequency: pitch });
      const volume = new GainNode(this.audio, { gain: 0.15 });
      voice.connect(volume).connect(this.audio.destination);
      voice.start(this.audio.currentTime + after);
      voice.stop(this.audio.currentTime + after + 0.08);
    }
  }

  /** How many wait, why, and how many are done today; a burst is told in a few strokes. */
  async tell() {
    this.turn += 1;
    if (this.isTelling) return;
    this.isTelling = true;
    for (let seen = 0; seen !== this.turn;) {
      seen = this.turn;
      const waiting = await scansWaiting().catch(() => []);
      if (seen === this.turn) this.draw(waiting);
    }
    this.isTelling = false;
  }

  draw(waiting) {
    const others = waiting.filter((scan) => scan.who !== this.dataset.who).length;
    const own = waiting.length - others;
    this.spot("count").textContent = say("scan-count", { count: this.count });
    this.spot("waiting").textContent = own ? say("scan-waiting", { count: own }) : "";
    const why = own && this.sender.state !== "idle" ? say(`scan-${this.sender.state}`) : "";
    this.spot("standing").textContent = [why, others ? say("scan-others", { count: others }) : ""].filter(Boolean).join(" ");
    this.spot("log-in").hidden = this.sender.state !== "log-in";
    this.dataset.waiting = own;
    this.dataset.keeping = this.keeping; // said with the number that already counts what was kept
  }

  async undo(event) {
    event.preventDefault();
    const waiting = await scansWaiting().catch(() => []);
    const scan = waiting.findLast?.((each) => each.client_id === this.last?.client_id) ?? waiting.find((each) => each.client_id === this.last?.client_id);
    if (scan && !this.sender.held.has(scan.seq)) {
      await takeBackScan(scan.seq);
      this.recent.delete(scan.code);
      this.last = null;
      this.show({ tone: "kept", icon: "reopen", title: say("scan-taken-back"), words: say("scan-taken-back-why"), code: scan.code });
      return this.tell();
    }
    if (!this.last || scan) return this.show({ tone: "kept", icon: "info", title: say(scan ? "scan-under-way" : "scan-no-last") });
    return this.askLead(this.last);
  }

  async askLead({ client_id, code }) {
    const body = new FormData();
    body.append("client_id", client_id);
    const answered = await post(this.dataset.undoUrl, body, { redirect: "manual", headers: { "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value, Accept: "application/json" } }).catch(() => null);
    const answer = answered?.ok && (await answered.json().catch(() => null));
    this.show(answer || { tone: "bad", icon: "alert", title: say("scan-undo-failed"), words: say("scan-undo-failed-why"), code });
    if (answer) this.last = null;
  }

  async drawLooks() {
    const looks = await scansToLookAt().catch(() => []);
    const [old, fresh] = [looks.filter((look) => this.isOld(look)), looks.filter((look) => !this.isOld(look))];
    await Promise.all(old.map((look) => forgetLook(look.seq)));
    const list = this.spot("looks");
    list.hidden = !fresh.length;
    list.querySelector("[data-looks-count]").textContent = fresh.length;
    list.querySelector("ol").replaceChildren(...fresh.slice(-MOST_LOOKS).reverse().map((look) => this.drawLook(look)));
  }

  /** What the server has is kept here for a day only; what it could not take stays. */
  isOld({ scan, answer }) {
    return answer.outcome !== "not-taken" && Date.now() - Date.parse(scan.scanned_at) > A_DAY;
  }

  drawLook(look) {
    const answer = this.worded(look.answer);
    const again = () => retryLook(look).then(() => { this.drawLooks(); this.sender.hurry(); });
    const act = answer.outcome === "not-taken" ? [say("retry"), again] : [say("scan-seen"), () => forgetLook(look.seq).then(() => this.drawLooks())];
    const button = element("button", { class: "button", type: "button" }, act[0]);
    button.addEventListener("click", act[1]);
    const words = element("p", {}, element("strong", {}, answer.title), " ", element("span", { class: "id" }, look.scan.code), ` ${answer.words ?? ""}`);
    return element("li", { class: `looks__row looks__row--${answer.tone}` }, icon(answer.icon ?? "alert", 24), words, element("div", { class: "acts" }, ...linksOf(answer), button));
  }

  async openCamera() {
    this.camera ??= new ScanCamera(this.spot("camera-view"), (code) => this.seen(code));
    if (!(await this.camera.start())) this.show({ tone: "warn", icon: "eye-off", title: say("scan-no-camera"), words: say("scan-no-camera-why") });
  }

  /** The camera sees a code many times a second; the rule of three seconds counts from when it was last seen. */
  seen(code) {
    const last = this.recent.get(code);
    if (last && Date.now() - last < SAME_CODE) this.recent.set(code, Date.now());
    else this.take(code);
  }

  async photo(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    const code = await readPhoto(file, this.spot("camera-view").dataset).catch(() => "");
    if (code) this.take(code);
    else this.show({ tone: "warn", icon: "image", title: say("scan-no-code"), words: say("scan-no-code-why") });
  }

  /** Let the worker keep this page, so that it opens again without a network. Needs HTTPS; the queue does not. */
  async keepPage() {
    const registration = await navigator.serviceWorker?.register(this.dataset.worker, { scope: this.dataset.page }).catch(() => null);
    if (!registration) return;
    const worker = (await navigator.serviceWorker.ready).active;
    const parts = performance.getEntriesByType("resource").map((entry) => new URL(entry.name)).filter((url) => url.origin === location.origin && !url.pathname.startsWith("/admin/"));
    worker.postMessage({ keep: [this.dataset.page, ...new Set(parts.map((url) => url.href))] });
  }
}

customElements.define("scan-box", ScanBox);

// Log-out leaves what the server does not have; the kept page and what was answered go.
on("submit", "form[action$='/logout/']", () => {
  navigator.serviceWorker?.controller?.postMessage({ forget: true });
  scansToLookAt().then((looks) => Promise.all(looks.filter((look) => look.answer.outcome !== "not-taken").map((look) => forgetLook(look.seq)))).catch(() => null);
});
