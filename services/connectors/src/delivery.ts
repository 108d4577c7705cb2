/**
 * Takes events from the outbox to where they belong, oldest first, and again and again until they are taken. What a
 * receiver refuses is told with why and goes on counting as delivered: it would be refused again for ever.
 */
import type { Outbox } from "./outbox.ts";

export interface RefusedDelivery {
  readonly json: string;
  readonly why: string;
}

/** Where events go. */
export interface Receiver {
  /** Resolves when the events are safe there, with what was refused of them. Rejected: they may not be, try again. */
  deliver(events: readonly string[], signal: AbortSignal): Promise<readonly RefusedDelivery[]>;
}

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly receiver: Receiver;
  readonly onDelivered: (events: number, refused: readonly RefusedDelivery[]) => void;
  /** The receiver does not take them; `null`: it does again. */
  readonly onFailing: (why: string | null) => void;
}

/**
 * A batch whose answer was lost is sent again, and must be known as a repeat: the engine knows the last 256 ids of a machine
 * (CN-4), and a batch may be of one machine alone.
 */
export const BATCH_EVENTS_MAX = 250;
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 10_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Ends after the batch in hand; what waits stays in the outbox. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { outbox, receiver, onDelivered, onFailing } = this.#options;
    const { signal } = this.#ended;
    const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    let retryMs = RETRY_MS_MIN;
    while (!signal.aborted) {
      const filled = outbox.filled();
      const events = outbox.oldest(BATCH_EVENTS_MAX);
      if (events.length === 0) {
        await Promise.race([filled, ended]);
        continue;
      }
      try {
        const refused = await receiver.deliver(
          events.map(({ json }) => json),
          signal,
        );
        await outbox.remove(events);
        onDelivered(events.length, refused);
        onFailing(null);
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        if (signal.aborted) return;
        onFailing(error instanceof Error ? error.message : String(error));
        await Promise.race([pause(retryMs), ended]);
        retryMs = Math.min(RETRY_MS_MAX, 2 * retryMs);
      }
    }
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** A gateway, by `POST /api/v1/events`. */
export function gatewayReceiver(url: URL): Receiver {
  const address = new URL("/api/v1/events", url);
  return {
    async deliver(events, signal) {
      const response = await fetch(address, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: events.join("\n"),
        signal,
      });
      const text = await response.text();
      if (response.status !== 202)
        throw new Error(`${address.href} answered ${response.status}: ${text.slice(0, 500)}`);
      return refusedIn(text, events);
    },
  };
}

/** The gateway names refused events by their place in the request. */
function refusedIn(text: string, events: readonly string[]): readonly RefusedDelivery[] {
  const answer = JSON.parse(text) as { readonly refusals?: readonly Refusal[] };
  return (answer.refusals ?? []).map(({ index, code, detail }) => ({
    json: events[index] ?? "",
    why: `${code}: ${detail}`,
  }));
}

interface Refusal {
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}
