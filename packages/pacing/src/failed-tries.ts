/**
 * When each of many things that failed, such as messages to be delivered, may be tried again: after a pause of its own, which
 * doubles from try to try. Instants are those of the caller's clock (ms).
 */
import type { Backoff } from "./retry.ts";

interface Failed {
  readonly times: number;
  readonly notBefore: number;
  readonly why: string;
}

export class FailedTries {
  readonly #backoff: Backoff;
  readonly #failed = new Map<string, Failed>();

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** Whether a thing may be tried: it has not failed, or its pause is over. */
  mayTry(key: string, now: number): boolean {
    return (this.#failed.get(key)?.notBefore ?? -Infinity) <= now;
  }

  /** Notes that a try failed, and why. */
  failed(key: string, now: number, why: string): void {
    const times = (this.#failed.get(key)?.times ?? 0) + 1;
    const { firstDelayMs, delayMsMax } = this.#backoff;
    this.#failed.set(key, { times, notBefore: now + Math.min(delayMsMax, firstDelayMs * 2 ** (times - 1)), why });
  }

  /** Why the last try failed; `null`: none did. */
  whyOf(key: string): string | null {
    return this.#failed.get(key)?.why ?? null;
  }

  /** Forgets the tries of a thing that is done. */
  done(key: string): void {
    this.#failed.delete(key);
  }

  /** Forgets the tries of all other things. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#failed.keys()) if (!keys.has(key)) this.#failed.delete(key);
  }
}
