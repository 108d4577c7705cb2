/**
 * Elements as JSON text, made once for all views that show the same windows: until their scope changes, and no longer than
 * an update may wait, for time alone changes what an element says. The newest few hundred are kept: views that one change concerns
 * are sent one after another, and what lives for longer than that is moved and looked for by the collector.
 */
import type { Scope } from "@oee/model";

const KEPT_MAX = 500;

export class ElementTexts {
  /** What its views have in common. */
  readonly key: string;
  readonly #keptMs: number;
  /** `null`: it is being made. */
  readonly #texts = new Map<Scope, string | null>();
  #since = -Infinity;

  constructor(key: string, keptMs: number) {
    this.key = key;
    this.#keptMs = keptMs;
  }

  /** Forgets all where the oldest may be too old at `now` (epoch ms). */
  asOf(now: number): void {
    if (Math.abs(now - this.#since) < this.#keptMs) return;
    this.#texts.clear();
    this.#since = now;
  }

  of(scope: Scope): string | null {
    return this.#texts.get(scope) ?? null;
  }

  /** The element of a scope is being made. */
  begin(scope: Scope): void {
    this.#texts.set(scope, null);
    if (this.#texts.size <= KEPT_MAX) return;
    for (const [oldest] of this.#texts) {
      this.#texts.delete(oldest);
      return;
    }
  }

  /** It was made, and is kept unless the scope changed meanwhile. */
  made(scope: Scope, text: string): void {
    if (this.#texts.has(scope)) this.#texts.set(scope, text);
  }

  /** The scope changed. */
  forget(scope: Scope): void {
    this.#texts.delete(scope);
  }
}
