/**
 * HTTP in: whatever can send JSON posts it to the connection's name (`POST /ingest/NAME`), and it is read by the same mapping. It is
 * answered when its events are on disk.
 */
import { timingSafeEqual } from "node:crypto";
import { optional } from "@oee/model/settings-file";
import type { Connection } from "../connections-file.ts";
import { type LocalTimes, TIME_KEYS, timesIn } from "../picking/local-time.ts";
import { type PickedAddress, pick, pickedAddressIn } from "../picking/picked.ts";
import type { Observation, Protocol, Received, RefusedDocument, Signal, Source, SourceHost } from "../port.ts";

interface HttpSettings {
  /** `null`: whoever reaches us may send. */
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

/** Whether it takes what anybody sends: it has no token. */
export function isOpenToAll({ protocol, settings }: Pick<Connection, "protocol" | "settings">): boolean {
  return protocol.name === http.name && (settings as HttpSettings).token === null;
}

class HttpSource implements Source {
  readonly #settings: HttpSettings;
  readonly #signals: readonly Signal<PickedAddress>[];
  readonly #host: SourceHost;
  /** Requests are read one after the other, in the order in which they came; none waits for the disk of the one before. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(settings: HttpSettings, signals: readonly Signal<PickedAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    host.receive(async (documents, token) => {
      const read = this.#turn.then(() => this.#read(documents, token));
      this.#turn = read.catch(() => {});
      const { received, written } = await read;
      try {
        await written;
        return received;
      } catch {
        return { kind: "full" };
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
  }

  /** What to answer once it is written. */
  async #read(
    documents: readonly unknown[],
    token: string | null,
  ): Promise<{ readonly received: Received; readonly written: Promise<void> }> {
    const written = Promise.resolve();
    if (!isSame(this.#settings.token, token)) return { received: { kind: "unauthorized" }, written };
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
