/**
 * Carries live records within one process from the worker to the gateway, and keeps the newest of each machine until it listens: it has
 * them itself then. And carries which machines the gateway's screens show back to the worker.
 */
import type { LiveRecord, LiveSink, LiveSource, ShownMachines, TimelineRecord } from "@oee/protocol";

type Listener = (record: LiveRecord | TimelineRecord) => void;

export class LiveBus implements LiveSink, LiveSource {
  readonly #records = new Map<string, LiveRecord>();
  readonly #timelines = new Map<string, TimelineRecord>();
  #listener: Listener | null = null;
  readonly #watchers = new Set<(shown: ShownMachines) => void>();
  #onTaking: ((machine: string) => void) | null = null;
  #onWaiting: ((machine: string) => void) | null = null;
  readonly #complete: boolean;
  /** What the gateway's screens show, and those of gateways in other processes. */
  #own: ReadonlySet<string> = new Set();
  #others: ReadonlySet<string> = new Set();

  /** `complete`: whether there are no gateways elsewhere, whose screens show more. */
  constructor(complete: boolean) {
    this.#complete = complete;
  }

  publish(records: readonly (LiveRecord | TimelineRecord)[]): void {
    for (const record of records) {
      if (this.#listener !== null) this.#listener(record);
      else if (record.kind === "machine") this.#records.set(record.machine, record);
      else this.#timelines.set(record.machine, record);
    }
  }

  /** The gateway of this process knows nothing of what an earlier owner published. */
  recall(records: readonly (LiveRecord | TimelineRecord)[]): void {
    this.publish(records);
  }

  /** One listener, once: there is one gateway in a process. */
  subscribe(listener: Listener): () => void {
    if (this.#listener !== null) throw new Error("live records of this process have a listener already");
    for (const kept of [this.#timelines, this.#records]) {
      for (const record of kept.values()) listener(record);
      kept.clear();
    }
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
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
    return {
      machines: this.#others.size === 0 ? this.#own : new Set([...this.#own, ...this.#others]),
      complete: this.#complete,
    };
  }

  #tell(): void {
    const shown = this.#shown;
    for (const tell of this.#watchers) tell(shown);
  }

  taking(machine: string): void {
    this.#onTaking?.(machine);
  }

  /** One listener: there is one worker in a process. */
  onTaking(listener: (machine: string) => void): () => void {
    this.#onTaking = listener;
    return () => {
      this.#onTaking = null;
    };
  }

  waits(machine: string): void {
    this.#onWaiting?.(machine);
  }

  /** One listener: there is one gateway in a process. */
  onWaiting(listener: (machine: string) => void): () => void {
    this.#onWaiting = listener;
    return () => {
      this.#onWaiting = null;
    };
  }

  onShown(listener: (shown: ShownMachines) => void): () => void {
    listener(this.#shown);
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
}
