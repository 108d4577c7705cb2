/**
 * The protocol `http`: JSON that is posted to the connection's name (`POST /ingest/NAME`), read by the same mapping as
 * all others. The request is answered when its events are on disk.
 */
import { timingSafeEqual } from "node:crypto";
import { optional } from "@oee/model/settings-file";
import { Turn } from "@oee/pacing";
import { type LocalTimes, TIME_KEYS, timesIn } from "../picking/local-time.ts";
import { type PickedAddress, pick, pickedAddressIn } from "../picking/picked.ts";
import type { Observation, Protocol, Received, RefusedDocument, Sender, Signal, Source, SourceHost } from "../port.ts";

interface HttpSettings {
  /** `null`: any sender that reaches us may send. */
  readonly token: string | null;
  readonly times: LocalTimes;
}

export const http: Protocol<HttpSettings, PickedAddress> = {
  name: "http",
  keys: ["token", ...TIME_KEYS],
  required: [],
  settingsOf: (fields, context) => ({
    token: optional(fields["token"], (value) => context.secretOf(value)),
    times: timesIn(fields, context),
  }),
  addressOf: pickedAddressIn,
  open: (settings, signals, host) => new HttpSource(settings, signals, host),
};

/** Whether it accepts posts from any sender: it has no token. */
export function isOpenToAll({
  protocol,
  settings,
}: {
  readonly protocol: Protocol<unknown, unknown>;
  readonly settings: unknown;
}): boolean {
  return protocol.name === http.name && (settings as HttpSettings).token === null;
}

/** Requests that wait for their turn; more are answered as if the disk were full. */
const WAITING_MAX = 1_000;

class HttpSource implements Source {
  readonly #settings: HttpSettings;
  readonly #signals: readonly Signal<PickedAddress>[];
  readonly #host: SourceHost;
  /** Requests are read one after the other, in the order in which they came; none waits for the disk of the one before. */
  readonly #turn = new Turn(WAITING_MAX, (waiting) => new Error(`${waiting} requests wait`));
  #closed = false;

  constructor(settings: HttpSettings, signals: readonly Signal<PickedAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    // Nobody is connected to; from here on it can be sent to.
    host.connected();
    host.receive(async (documents, sender) => {
      try {
        const { received, written } = await this.#turn.run(() => this.#read(documents, sender));
        await written;
        return received;
      } catch {
        return { kind: "full" };
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn.idle();
  }

  /** Hands the documents of a request over. `received` is the answer, to be sent when `written` has resolved: then its events are on disk. */
  async #read(
    documents: readonly unknown[],
    { token, admitted }: Sender,
  ): Promise<{ readonly received: Received; readonly written: Promise<void> }> {
    const written = Promise.resolve();
    if (!admitted && !isSame(this.#settings.token, token)) return { received: { kind: "unauthorized" }, written };
    if (this.#closed) return { received: { kind: "full" }, written };
    const { clock } = this.#host;
    this.#host.connected();
    const observations: Observation[] = [];
    const refused: RefusedDocument[] = [];
    for (const [index, document] of documents.entries()) {
      const picked = await pick(this.#signals, document, {
        instantOf: (found) => this.#settings.times.instantOf(found),
        otherwise: clock(),
      });
      observations.push(...picked.observations);
      for (const why of picked.refused) {
        refused.push({ index, why });
        this.#host.refused(`document ${index}`, why);
      }
    }
    const received: Received = { kind: "taken", observations: observations.length, refused };
    return { received, written: observations.length === 0 ? written : this.#host.observed(observations) };
  }
}

function isSame(expected: string | null, found: string | null): boolean {
  if (expected === null) return true;
  const [a, b] = [Buffer.from(expected), Buffer.from(found ?? "")];
  return a.length === b.length && timingSafeEqual(a, b);
}
