/**
 * Registers a service worker that keeps the page, so that it opens without network. Browsers have service workers on pages with
 * TLS and on localhost; elsewhere nothing happens. Files that the page loaded before the worker ran are loaded once more, so that it keeps them.
 */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/reasons-worker.js", { scope: "/reasons" });
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller === null) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    }
    const loaded = performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => name.includes("/assets/"));
    await Promise.all([...loaded, "/api/v1/plant"].map((url) => fetch(url)));
    const page = await fetch("/reasons");
    const cache = await caches.open("oee-reasons-1");
    if (page.ok) await cache.put("/reasons", page);
    document.documentElement.dataset["kept"] = "true";
  } catch {
    // Without the service worker the page works while there is network.
  }
}
