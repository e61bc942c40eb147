// The service worker of /admin/scan/: the scanning screen opens again without a network. It touches that one page and static files,
// nothing else; scans wait in the page's own queue. The page tells it what it is made of and, at log-out, to forget the page.
const SHELL = "bihuan-scan-1";
const PAGE = new URL("./", self.location).pathname;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const PATIENCE = 4000; // a network that answers later than this is treated as none

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clear((name) => name !== SHELL).then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  if (event.data?.forget) event.waitUntil(clear(() => true));
  if (event.data?.keep) event.waitUntil(keep(event.data.keep));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (request.mode !== "navigate" && !url.pathname.startsWith("/admin/")) event.respondWith(asset(request));
});

async function clear(which) {
  const names = await caches.keys();
  return Promise.all(names.filter((name) => name.startsWith("bihuan-scan-") && which(name)).map((name) => caches.delete(name)));
}

/** Keep the page and, before it, what it is made of: once the page is there it opens whole. A file that fails takes no other along. */
async function keep([page, ...parts]) {
  const cache = await caches.open(SHELL);
  const put = async (url) => {
    if (HASHED.test(url) && (await cache.match(url))) return;
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && !answer.redirected) await cache.put(url, answer);
  };
  await Promise.all(parts.map(put));
  await put(page);
}

async function page(request) {
  const cache = await caches.open(SHELL);
  return freshOr(await cache.match(PAGE), request);
}

async function asset(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  return kept && HASHED.test(new URL(request.url).pathname) ? kept : freshOr(kept, request);
}

/** What the server answers, or what is kept when there is no server or it is silent. */
async function freshOr(kept, request) {
  if (!kept) return fetch(request);
  const fresh = fetch(request).catch(() => null);
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  const answer = await Promise.race([fresh, late]);
  return answer && answer.type !== "error" ? answer : kept;
}
