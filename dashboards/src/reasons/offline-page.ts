/**
 * Has the browser keep the page, so that it opens without network. Browsers do that for pages with TLS, and for those of the
 * machine itself; elsewhere nothing happens. What the page loaded before the worker was there is loaded once more, for it to keep.
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
    // The page works without it, as long as there is network.
  }
}
