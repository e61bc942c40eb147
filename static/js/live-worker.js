// One EventSource for every page of this browser. Pages say what they watch, {topics, since} or {bye}, and say it again every half minute;
// they hear {topic, version}, {reset}: something may be missing, and {on}: whether news come at all. A SharedWorker where there are
// any, else the Worker of the page that leads.
const pages = new Map(); // by port, or by the id that a page gave itself
let source, open = [], last = "", heard, on = false;

function tell(news, whom = [...pages.keys()]) {
  if (self.postMessage) self.postMessage(news);
  else for (const port of whom) port.postMessage(news);
}

function state(now) {
  if (on !== now) tell({ on: (on = now) });
}

function close() {
  source?.close();
  source = null;
  open = [];
}

function connect() {
  const now = Date.now();
  for (const [page, { seen }] of pages) if (now - seen > 150000) pages.delete(page);
  if (source && now - heard > 40000) { close(); state(false); } // a line that died without a word: sleep, lost network
  const wanted = [...new Set([...pages.values()].flatMap(({ topics }) => topics))].sort().slice(0, 60);
  if (!wanted.length) close();
  if (wanted.every((topic) => open.includes(topic))) return;
  const fresh = [...pages.values()].filter(({ topics }) => !last || !topics.every((topic) => open.includes(topic)));
  close();
  open = wanted;
  heard = now;
  const since = Math.min(...fresh.map((page) => page.since));
  source = listen(new EventSource(`/live/?t=${open}${last && `&last=${last}`}${since < Infinity ? `&since=${since}` : ""}`));
}

function listen(mine) {
  const hear = (type, act) => mine.addEventListener(type, (event) => {
    heard = Date.now();
    last = event.lastEventId || last;
    act(event);
  });
  hear("message", ({ data }) => tell(JSON.parse(data)));
  hear("beat", () => {});
  hear("ready", () => state(true));
  hear("reset", () => { state(true); tell({ reset: true }); });
  hear("away", () => state(false));
  hear("full", () => { close(); state(false); });
  mine.onerror = () => {
    if (mine !== source) return;
    state(false);
    if (mine.readyState === 2) close(); // refused: the next round tries again
  };
  return mine;
}

function hub(page, { topics, since, bye }) {
  if (bye) return void pages.delete(page);
  pages.set(page, { topics, since, seen: Date.now() });
  tell({ on }, [page]);
  connect();
}

setInterval(connect, 15000);
addEventListener("connect", ({ ports: [port] }) => { port.onmessage = ({ data }) => hub(port, data); });
addEventListener("message", ({ data }) => hub(data.id, data));
