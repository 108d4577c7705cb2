/**
 * Carries live records within one process from the worker to the gateway, and keeps the newest of each machine for
 * later listeners; and carries which machines the gateway's screens show back to the worker.
 */
import type { LiveRecord, LiveSink, LiveSource, ShownMachines, TimelineRecord } from "@oee/protocol";

type Listener = (record: LiveRecord | TimelineRecord) => void;

export class LiveBus implements LiveSink, LiveSource {
  readonly #records = new Map<string, LiveRecord>();
  readonly #timelines = new Map<string, TimelineRecord>();
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<(shown: ShownMachines) => void>();
  readonly #all: boolean;
  /** What the gateway's screens show, and those of gateways in other processes. */
  #own: ReadonlySet<string> = new Set();
  #others: ReadonlySet<string> = new Set();

  /** `all`: whether there are no gateways elsewhere, whose screens show more. */
  constructor(all: boolean) {
    this.#all = all;
  }

  publish(records: readonly (LiveRecord | TimelineRecord)[]): void {
    for (const record of records) {
      if (record.kind === "machine") this.#records.set(record.machine, record);
      else this.#timelines.set(record.machine, record);
      for (const listener of this.#listeners) listener(record);
    }
  }

  subscribe(listener: Listener): () => void {
    for (const record of this.#timelines.values()) listener(record);
    for (const record of this.#records.values()) listener(record);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(machines: ReadonlySet<string>): void {
    this.#own = machines;
    this.#tell();
  }

  /** Told of what the screens of gateways in other processes show. */
  othersShow(machines: ReadonlySet<string>): void {
    this.#others = machines;
    this.#tell();
  }

  get #shown(): ShownMachines {
    return { machines: this.#others.size === 0 ? this.#own : new Set([...this.#own, ...this.#others]), all: this.#all };
  }

  #tell(): void {
    const shown = this.#shown;
    for (const tell of this.#watchers) tell(shown);
  }

  onShown(listener: (shown: ShownMachines) => void): () => void {
    listener(this.#shown);
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
}
