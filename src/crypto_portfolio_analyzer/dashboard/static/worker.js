// The service worker. It keeps the shell, all of one version, and nothing that the server tells: answers of the API
// never enter the cache. `VERSION` and `KEPT` are put before this by the server.

const CACHE = `shell ${VERSION}`;
const VENDOR = /^\/static\/vendor\//;
const PAGES = /^\/(?:$|(?:alerts|firings|deliveries|channels|portfolio|settings|system|chart)(?:\/|$))/;

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && PAGES.test(pathname)) event.respondWith(page(request));
  else if (VENDOR.test(pathname)) event.respondWith(once(request));
  else if (pathname.startsWith("/static/")) event.respondWith(kept(request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((path) => new Request(path, { cache: "reload" })));
  await skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await clients.claim();
}

/** The shell as kept, so that it fits its scripts; a page that the server alone knows comes from there. */
async function page(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match("/")) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** Libraries: fetched when first needed, kept from then on. */
async function once(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}
