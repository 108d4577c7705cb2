/**
 * Reads an MTConnect agent: first what its buffer has since the last read, then its stream. The sequence number to go
 * on from is kept with the events, so that nothing is lost while the agent's buffer holds it. What the buffer has
 * dropped is reported as a gap, and so is an agent that was restarted.
 */
import { parseInstant } from "@oee/model";
import { repeat, whyUnreachable } from "@oee/pacing";
import type { Observation, Signal, Source, SourceHost } from "../port.ts";
import { untilObserved } from "../until-done.ts";
import { whileHeard } from "../while-heard.ts";
import type { AgentDocument, AgentObservation } from "./agent-document.ts";
import { type ActiveAlarms, Alarms } from "./alarms.ts";
import { answeredDocument, readDocument } from "./document.ts";
import type { MtconnectSettings } from "./settings.ts";
import { partsOf } from "./parts.ts";

const RETRY_MS = 1_000;
const COUNT = 1_000;
const UNAVAILABLE = "UNAVAILABLE";
const OUT_OF_RANGE = "OUT_OF_RANGE";

interface Position {
  readonly instanceId: string;
  readonly next: number;
  /** Of the conditions before it; earlier connectors did not keep them. */
  readonly alarms?: ActiveAlarms;
}

/** The agent's buffer no longer has the observation after the last one read, or the agent was restarted. */
class Lost extends Error {}

export class MtconnectSource implements Source {
  readonly #settings: MtconnectSettings;
  readonly #host: SourceHost;
  readonly #signals: ReadonlyMap<string, readonly Signal<string>[]>;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  #position: Position | null;
  readonly #alarms: Alarms;
  #heardAt: number | null;
  #isGone = false;

  constructor(settings: MtconnectSettings, signals: readonly Signal<string>[], host: SourceHost) {
    this.#settings = settings;
    this.#host = host;
    const byItem = new Map<string, Signal<string>[]>();
    for (const signal of signals) byItem.set(signal.address, [...(byItem.get(signal.address) ?? []), signal]);
    this.#signals = byItem;
    this.#position = host.mark === null ? null : (JSON.parse(host.mark) as Position);
    this.#alarms = new Alarms(this.#position?.alarms ?? {});
    this.#heardAt = host.heardBefore;
    this.#running = repeat(
      () => this.#read(),
      RETRY_MS,
      (error) => this.#lost(error),
      this.#ended.signal,
    );
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #lost(error: unknown): Promise<void> {
    const why = whyUnreachable(error);
    if (error instanceof Lost) {
      this.#host.gap(this.#heardAt ?? this.#host.clock(), this.#host.clock(), why);
      this.#position = null;
    } else this.#host.unreachable(`${this.#settings.url}: ${why}`);
    await this.#gone(why);
  }

  /** Reads until the agent stops answering; always rejects, with `Lost` where observations are missing. */
  async #read(): Promise<void> {
    const before = this.#position;
    if (before !== null) await this.#catchUp();
    const current = await this.#ask("current");
    this.#alive();
    for (const { dataItemId, alarm } of current.observations) if (alarm !== null) this.#alarms.forget(dataItemId);
    if (before === null) await this.#observe(current, false);
    // Samples hold changes alone. After a silence, which made the machines unknown, `current` says the states again; totals did not change.
    else await this.#observed(this.#observationsOf(current.observations, true), undefined);
    await this.#follow();
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const document = await this.#ask(`sample?from=${this.#position?.next ?? 0}&count=${COUNT}`);
      await this.#observe(document, true);
      this.#alive();
      if (document.nextSequence > document.lastSequence) return;
    }
  }

  async #follow(): Promise<void> {
    const { everyMs, heartbeatMs } = this.#settings;
    const query = `sample?from=${this.#position?.next ?? 0}&count=${COUNT}&interval=${everyMs}&heartbeat=${heartbeatMs}`;
    await whileHeard(this.#ended.signal, 2 * heartbeatMs + everyMs, async (signal, heard) => {
      const response = await fetch(this.#settings.url + query, { signal, headers: this.#headers });
      if (response.body === null) throw new Error("an answer without a body");
      // An agent answers an error by a single document in place of a stream.
      if (!(response.headers.get("content-type") ?? "").startsWith("multipart/")) {
        await this.#observe(await answeredDocument(response), true);
        throw new Error("expected a stream, found one document");
      }
      for await (const part of partsOf(response.body as AsyncIterable<Uint8Array>)) {
        heard();
        await this.#observe(readDocument(part), true);
        this.#alive();
      }
      throw new Error("the agent ended the stream");
    });
  }

  get #headers(): Readonly<Record<string, string>> {
    return { accept: this.#settings.format === "json" ? "application/json" : "text/xml" };
  }

  async #ask(what: string): Promise<AgentDocument> {
    return whileHeard(this.#ended.signal, 2 * this.#settings.heartbeatMs, async (signal) => {
      const response = await fetch(this.#settings.url + what, { signal, headers: this.#headers });
      return await answeredDocument(response);
    });
  }

  /** Throws `Lost` where a document does not follow on what was read. */
  async #observe(document: AgentDocument, follows: boolean): Promise<void> {
    const { instanceId, nextSequence: next, errorCode, observations } = document;
    if (follows && this.#position !== null && instanceId !== this.#position.instanceId) {
      throw new Lost("the agent was started anew");
    }
    if (errorCode === OUT_OF_RANGE) throw new Lost("the agent has no more what came next");
    if (errorCode !== null) throw new Error(`the agent answers ${errorCode}`);
    const position: Position = { instanceId, next };
    // A document without observations only says that the agent is alive.
    if (observations.length > 0 || this.#position === null) {
      const read = this.#observationsOf(observations, false);
      await this.#observed(read, JSON.stringify({ ...position, alarms: this.#alarms.active }));
    }
    this.#position = position;
  }

  /** Throws where we are closed before they are safe. */
  async #observed(observations: readonly Observation[], mark: string | undefined): Promise<void> {
    const { signal } = this.#ended;
    if (!(await untilObserved(this.#host, observations, mark, signal))) signal.throwIfAborted();
  }

  #observationsOf(observations: readonly AgentObservation[], statesAlone: boolean): readonly Observation[] {
    return observations.flatMap((observation) => {
      const { dataItemId, name, timestamp, alarm } = observation;
      const wanted = [...(this.#signals.get(dataItemId) ?? []), ...(this.#signals.get(name ?? dataItemId) ?? [])];
      if (wanted.length === 0) this.#host.unmapped(dataItemId);
      const value = alarm === null || wanted.length === 0 ? observation.value : this.#alarms.levelAfter(observation);
      const at = parseInstant(timestamp);
      if (at === null && wanted.length > 0) this.#host.refused(`${dataItemId} at ${timestamp}`, "expected an instant");
      return [...new Set(wanted)].flatMap(({ machine, signal, counts }): readonly Observation[] => {
        if (at === null || (statesAlone && counts !== null)) return [];
        const isBad = value.toUpperCase() === UNAVAILABLE;
        return [
          {
            machine,
            signal,
            value: isBad ? null : value,
            quality: isBad ? "bad" : "good",
            at,
            stamped: "source",
            age: "live",
          },
        ];
      });
    });
  }

  #alive(): void {
    this.#heardAt = this.#host.clock();
    this.#isGone = false;
    this.#host.connected();
  }

  async #gone(why: string): Promise<void> {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#heardAt !== null) await this.#host.gone(this.#heardAt, why).catch(() => {});
  }
}
