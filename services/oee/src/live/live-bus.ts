/** Live records within one process: from the worker to the gateway, the newest of each machine kept for who comes later. */
import type { LiveRecord, LiveSink, LiveSource, TimelineRecord } from "@oee/protocol";

type Listener = (record: LiveRecord | TimelineRecord) => void;

export class LiveBus implements LiveSink, LiveSource {
  readonly #records = new Map<string, LiveRecord>();
  readonly #timelines = new Map<string, TimelineRecord>();
  /** Each with what its displays show. */
  readonly #listeners = new Map<Listener, (machine: string) => boolean>();

  publish(records: readonly (LiveRecord | TimelineRecord)[]): void {
    for (const record of records) {
      if (record.kind === "machine") this.#records.set(record.machine, record);
      else this.#timelines.set(record.machine, record);
      for (const listener of this.#listeners.keys()) listener(record);
    }
  }

  isShown(machine: string): boolean {
    for (const isShown of this.#listeners.values()) if (isShown(machine)) return true;
    return false;
  }

  subscribe(listener: Listener, isShown: (machine: string) => boolean): () => void {
    for (const record of this.#timelines.values()) listener(record);
    for (const record of this.#records.values()) listener(record);
    this.#listeners.set(listener, isShown);
    return () => this.#listeners.delete(listener);
  }
}
