/**
 * Sends events from the outbox to their receiver (a gateway or the log), and repeats it until they are accepted. An
 * event that the receiver refuses is logged with the reason and counts as delivered, because it would be refused each
 * time. Where it does not know the state, the machine is `unknown` from then on: it is not in the state from before.
 */
import { askUntilTaken, retry, sleepTimer, whyUnreachable } from "@oee/pacing";
import { Backlog } from "./backlog.ts";
import { unknownInstead } from "./mapping/mapper.ts";
import type { Outbox, WaitingEvent } from "./outbox.ts";

export interface RefusedDelivery {
  readonly json: string;
  /** Of the event contract. */
  readonly code: string;
  /** For people, with the code. */
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
  readonly onDelivered: (events: readonly WaitingEvent[], refused: readonly RefusedDelivery[]) => void;
  /** The receiver does not take them; `null`: it does again. */
  readonly onFailing: (why: string | null) => void;
}

const UNKNOWN_STATE = "unknown-state";
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 10_000;
/** Requests begin no more often than this on average once the outbox was empty: a gateway takes a bounded number a minute. */
const EVERY_MS = 100;
/** A request may come so much (ms) before its turn: values of a peer that speaks about every 100 ms then never wait. */
const EARLY_MS = 50;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #backlog: Backlog;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#backlog = new Backlog(options.outbox, () => performance.now());
    this.#running = this.#run();
  }

  /** Ends after the request under way; waiting events stay in the outbox. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { outbox } = this.#options;
    const { signal } = this.#ended;
    let due = -Infinity;
    while (!signal.aborted) {
      const events = this.#backlog.next();
      if (events.length === 0) {
        await outbox.filled(signal);
        const early = due - performance.now();
        if (early > 0) await sleepTimer(early, signal);
        continue;
      }
      due = Math.max(due, performance.now() - EARLY_MS) + EVERY_MS;
      await this.#untilDelivered(events);
    }
  }

  /** Sends the same events again until they are accepted: the engine knows them as repeats, but not beyond its last 256 ids of a machine (CN-4). */
  async #untilDelivered(events: readonly WaitingEvent[]): Promise<void> {
    const { outbox, receiver, onDelivered, onFailing } = this.#options;
    const { signal } = this.#ended;
    const texts = events.map(({ json }) => json);
    const attempt = async (): Promise<void> => {
      // Earlier events are removed from the disk first: sent again with these after a crash, they would be more than the engine knows.
      await outbox.flush();
      const refused = await receiver.deliver(texts, signal);
      const unknown = refused.filter(({ code }) => code === UNKNOWN_STATE).map(({ json }) => unknownInstead(json));
      // Before the refused ones are gone from the disk, so that a crash loses neither. Without room machines stay as they were.
      await outbox.put(unknown, new Map()).catch(() => {});
      await outbox.remove(events);
      // Where the disk is full the note stays as it was.
      await this.#backlog.delivered().catch(() => {});
      onDelivered(events, refused);
      onFailing(null);
    };
    const onFailure = (error: unknown): void => {
      if (signal.aborted) return;
      this.#backlog.failed();
      onFailing(whyUnreachable(error));
    };
    await retry(attempt, onFailure, signal, sleepTimer, { firstDelayMs: RETRY_MS_MIN, delayMsMax: RETRY_MS_MAX });
  }
}

/** Too many requests: it is well, and takes more in a while. */
const LATER: ReadonlySet<number> = new Set([429]);

/** A gateway, by `POST /api/v1/events`. `token`: one that may send events, where people sign in. */
export function gatewayReceiver(url: URL, token: string | null): Receiver {
  const address = new URL("/api/v1/events", url);
  return {
    async deliver(events, signal) {
      const signed = token === null ? {} : { authorization: `Bearer ${token}` };
      const headers = { "content-type": "application/x-ndjson", ...signed };
      const request = { method: "POST", headers, body: events.join("\n"), signal };
      const { status, text } = await askUntilTaken(() => fetch(address, request), LATER, signal);
      if (status === 202) return refusedIn(text, events);
      throw new Error(`${address.href} answered ${status}: ${text.slice(0, 500)}`);
    },
  };
}

/** The gateway names refused events by their place in the request. */
function refusedIn(text: string, events: readonly string[]): readonly RefusedDelivery[] {
  const answer = JSON.parse(text) as { readonly refusals?: readonly Refusal[] };
  return (answer.refusals ?? []).map(({ index, code, detail }) => ({
    json: events[index] ?? "",
    code,
    why: `${code}: ${detail}`,
  }));
}

interface Refusal {
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}
