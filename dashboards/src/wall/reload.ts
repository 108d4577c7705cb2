/**
 * Loads the page anew once the server answers: a browser without keyboard that loaded an error page would stay there.
 * A page that was itself loaded a few seconds ago waits a minute, so that two servers of different versions cannot make it flicker.
 */
const RETRY_MS = 5_000;
const JUST_LOADED_MS = 10_000;
const CALM_DOWN_MS = 60_000;

let pending = false;

export function reloadWhenServerAnswers(): void {
  if (pending) return;
  pending = true;
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const wait = navigation?.type === "reload" && performance.now() < JUST_LOADED_MS ? CALM_DOWN_MS : 0;
  setTimeout(() => void attempt(), wait);
}

async function attempt(): Promise<void> {
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    if (response.ok) {
      location.reload();
      return;
    }
  } catch {
    // The server is away, so it is asked again later.
  }
  setTimeout(() => void attempt(), RETRY_MS);
}
