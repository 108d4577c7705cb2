/**
 * Follows the log of entries for closed time: the worker refuses corrections that begin in it and have no note, by
 * whichever producer they came.
 */
import type { EventLog, Topics } from "@oee/event-log";
import { EntryLog } from "@oee/gateway";
import type { CorrectionEvent, Plant, Refusal } from "@oee/model";
import { refusalOfClosed } from "@oee/review";

export class ClosedTime {
  readonly #entries: EntryLog;
  readonly #plant: () => Plant;

  constructor(log: EventLog, topics: Topics, plant: () => Plant) {
    this.#entries = new EntryLog(log, topics);
    this.#plant = plant;
    this.#entries.start();
  }

  /** Resolves when all closings that there are have been read: before events are. Throws where they are not in time. */
  async ready(): Promise<void> {
    await this.#entries.programmeOf(this.#plant());
  }

  refusalOf(correction: CorrectionEvent): Refusal | null {
    const programme = this.#entries.known(this.#plant());
    return programme === null ? null : refusalOfClosed(programme.book, correction);
  }

  close(): Promise<void> {
    return this.#entries.close();
  }
}
