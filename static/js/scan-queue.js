// Scans that the server does not have yet, in the order in which they were made. They stand in IndexedDB, so a reload, a killed tab,
// a log-out and a day without network leave them alone; only an answer of the server, or taking one back, removes them. What was
// answered with more than "taken in" stays in a second list until somebody has looked at it.
//   keepScan({client_id, code, scanned_at, mode, warehouse, who})   resolves when it is on the disk
//   new ScanSender(url, who)   sends this person's scans by the hundred; events `answers` (detail: [[scan, answer]]) and `standing`
import { csrf } from "./dom.js";

const MOST_AT_ONCE = 100;
const SLOWEST = 30_000;
const TRIES_OF_ONE = 5;
const WAITING = "waiting";
const LOOKS = "looks";

let opening;

function openScans() {
  opening ??= new Promise((done, failed) => {
    const request = indexedDB.open("bihuan-scan", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(WAITING, { keyPath: "seq", autoIncrement: true });
      request.result.createObjectStore(LOOKS, { keyPath: "seq", autoIncrement: true });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = () => { opening = undefined; failed(request.error); };
  });
  return opening;
}

/** Run `act` over stores in one transaction; resolves with what it returns (a request's result) once that is on the disk. */
async function inScans(stores, mode, act) {
  const database = await openScans();
  return new Promise((done, failed) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    const given = act(...[stores].flat().map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => done(given?.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

export const keepScan = (scan) => inScans(WAITING, "readwrite", (store) => store.add(scan));
export const scansWaiting = () => inScans(WAITING, "readonly", (store) => store.getAll());
export const scansToLookAt = () => inScans(LOOKS, "readonly", (store) => store.getAll());
export const forgetLook = (seq) => inScans(LOOKS, "readwrite", (store) => store.delete(seq));
export const takeBackScan = (seq) => inScans(WAITING, "readwrite", (store) => store.delete(seq));

/** Send a scan again that was set aside: it goes to the end of the line. */
export function retryLook({ seq, scan }) {
  return inScans([WAITING, LOOKS], "readwrite", (waiting, looks) => {
    const { seq: _old, ...again } = scan;
    waiting.add(again);
    looks.delete(seq);
  });
}

/** What the server answered takes the scans off the line; what somebody must look at is kept beside it, in the same transaction. */
function settleScans(pairs) {
  return inScans([WAITING, LOOKS], "readwrite", (waiting, looks) => {
    for (const [scan, answer] of pairs) {
      waiting.delete(scan.seq);
      if (answer.tone !== "good") looks.add({ scan, answer });
    }
  });
}

export class ScanSender extends EventTarget {
  constructor(url, who) {
    super();
    this.url = url;
    this.who = who;
    this.size = MOST_AT_ONCE;
    this.wait = 0;
    this.tries = 0;
    this.state = "idle";
    this.held = new Set(); // being sent now
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  /** Try at once, whatever was waited for. */
  hurry() {
    this.wait = 0;
    clearTimeout(this.timer);
    this.wake();
  }

  wake() {
    this.isWanted = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (this.isWanted) this.wake();
    });
  }

  async run() {
    while (this.isWanted) {
      this.isWanted = false;
      // Two tabs of one device take turns, so the order holds between them.
      const drain = () => this.drain();
      await (navigator.locks ? navigator.locks.request("bihuan-scan", drain) : drain());
    }
  }

  async drain() {
    for (;;) {
      const waiting = await scansWaiting();
      const own = waiting.filter((scan) => scan.who === this.who).slice(0, this.size);
      if (!own.length) return this.stand("idle");
      this.held = new Set(own.map((scan) => scan.seq));
      const outcome = await this.send(own).finally(() => this.held.clear());
      if (outcome) return this.stand(outcome);
    }
  }

  /** Post a batch and settle it; returns nothing, or why it has to wait. */
  async send(batch) {
    const answered = await this.post(batch).catch(() => null);
    if (!answered) return this.later("offline");
    if (answered.type === "opaqueredirect") return this.later("log-in");
    if (answered.status === 403 && (await this.renewToken())) return this.later("offline", 0);
    const answers = answered.ok ? await answered.json().catch(() => null) : null;
    if (!answers) return this.refused(answered, batch);
    this.wait = this.tries = 0;
    this.size = MOST_AT_ONCE;
    const known = new Map(answers.map((answer) => [answer.client_id, answer]));
    await this.settle(batch.filter((scan) => known.has(scan.client_id)).map((scan) => [scan, known.get(scan.client_id)]));
    return answers.length < batch.length ? this.later("server") : undefined;
  }

  post(batch) {
    const scans = batch.map(({ client_id, code, scanned_at, mode, warehouse }) => ({ client_id, code, scanned_at, mode, warehouse }));
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "application/json" };
    return fetch(this.url, { method: "POST", body: JSON.stringify(scans), headers, credentials: "same-origin", redirect: "manual" });
  }

  async settle(pairs) {
    await settleScans(pairs);
    this.dispatchEvent(new CustomEvent("answers", { detail: pairs }));
  }

  /** A server that fails is asked again, in the end scan by scan; one that it cannot take is set aside, so the others go on. */
  async refused(answered, batch) {
    const isFaulty = answered.status === 500 || (answered.status >= 400 && answered.status < 500 && answered.status !== 429);
    if (isFaulty && batch.length > 1) this.size = 1;
    else if (isFaulty && (this.tries += 1) >= TRIES_OF_ONE) {
      this.tries = 0;
      await this.settle([[batch[0], { tone: "bad", outcome: "not-taken", client_id: batch[0].client_id }]]);
      return undefined;
    }
    return this.later("server");
  }

  later(state, wait = Math.min(SLOWEST, this.wait * 2 || 1000)) {
    this.wait = wait;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), wait);
    return state;
  }

  /** After a new log-in the page's token is of yesterday: read the one of a fresh page. */
  async renewToken() {
    const page = await fetch(location.pathname, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    const fresh = page?.ok && new DOMParser().parseFromString(await page.text(), "text/html").querySelector("input[name=csrfmiddlewaretoken]")?.value;
    if (!fresh || fresh === csrf()) return false;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = fresh;
    return true;
  }

  stand(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("standing", { detail: state }));
  }
}
