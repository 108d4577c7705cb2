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
  #shown: ShownMachines;

  /** `all`: whether there are no gateways elsewhere, whose screens show more. */
  constructor(all: boolean) {
    this.#all = all;
    this.#shown = { machines: new Set(), all };
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
    this.#shown = { machines, all: this.#all };
    for (const tell of this.#watchers) tell(this.#shown);
  }

  onShown(listener: (shown: ShownMachines) => void): () => void {
    listener(this.#shown);
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
}
