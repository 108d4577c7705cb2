/*
 * Lets the tablet's page open without network: the page and the plant as they were last, and its assets, whose names hold a
 * digest of their content. All else, and all of it while the server answers, comes from the server. Bounded: what is oldest goes.
 */
const NAME = "oee-reasons-1";
const ASSETS_MAX = 80;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
  // Every tablet's page is the same one: the address is read in it.
  else if (request.mode === "navigate") event.respondWith(serverFirst(request, "/reasons"));
  else if (url.pathname === "/api/v1/plant") event.respondWith(serverFirst(request, "/api/v1/plant"));
});

async function serverFirst(request, key) {
  const cache = await caches.open(NAME);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(key, answer.clone());
    // A proxy says so where the server is away.
    if (answer.status < 502) return answer;
    return (await cache.match(key)) ?? answer;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept === undefined) throw error;
    return kept;
  }
}

async function keptFirst(request) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const assets = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith("/assets/"));
    for (const old of assets.slice(0, Math.max(0, assets.length - ASSETS_MAX))) await cache.delete(old);
  }
  return answer;
}
