/**
 * Takes batches of events from the log. An event goes to its machine's engine, and to the raw events that wait for the store; one
 * of another partition is handed over; one that is refused goes to the dead letters. Only then the position moves on.
 */
import type { AppendRecord, EventLog, RecordBatch, Topics, UnreadableBatch } from "@oee/event-log";
import { type CorrectionEvent, type Machine, NO_FIELDS, type Refusal, UnknownFields } from "@oee/model";
import { type Scheduler, Slices } from "@oee/pacing";
import type { EventHead } from "@oee/store";
import { ByMachine, type TakeEvent } from "./by-machine.ts";
import type { Computing } from "./computing.ts";
import type { CurrentPlant } from "./current-plant.ts";
import { inPieces, letterOfUnreadable } from "./dead-letters.ts";
import { TextRoom } from "./arrow-events/text-room.ts";
import { deadLetter, decodeBatch, type OnDecoded, type RefusedEvent } from "./decode-batch.ts";
import type { DurableWrites } from "./durable-writes.ts";
import { foundAt, handedOver, type Place } from "./hand-over.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { Misplaced } from "./misplaced.ts";
import type { OwnedPartition } from "./partition.ts";
import type { Partitions } from "./partitions.ts";
import type { PlantChange } from "./plant-change.ts";
import type { WorkerSettings } from "./settings.ts";
import type { Storing } from "./storing.ts";
import type { WaitingEvents } from "./waiting-events.ts";

export interface IntakeParts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly scheduler: Scheduler;
  readonly metrics: WorkerMetrics;
  readonly settings: WorkerSettings;
  readonly partitions: Partitions;
  readonly current: CurrentPlant;
  readonly computing: Computing;
  readonly plantChange: PlantChange;
  readonly storing: Storing;
  readonly waiting: WaitingEvents;
  readonly writes: DurableWrites;
  readonly misplaced: Misplaced;
  /** Why a correction of closed time becomes a dead letter; `null`: it does not. Without it no time is closed. */
  readonly refusalOfClosed?: (correction: CorrectionEvent) => Refusal | null;
}

/**
 * A batch may be 100,000 events. They are decoded, put in order by machine and taken in slices of this length (ms); between
 * slices other work has the event loop. How many events that is, is learned: taking costs one to four times as much as
 * decoding. In shorter slices fewer events of a machine are taken together, which costs more.
 */
const SLICE_MS = 20;
/** The same where thousands of records are behind, so that other work takes less of the time. */
const CATCHING_UP_SLICE_MS = 60;
const SLICE_EVENTS_MIN = 1_000;
const SLICE_EVENTS_MAX = 20_000;
/** To have a machine go over to a changed plant file, before its next event is taken, costs as much as so many events. */
const EVENTS_A_RENEWAL = 500;

export class Intake {
  readonly #parts: IntakeParts;
  readonly #unknownFields = new UnknownFields();
  readonly #byMachine = new ByMachine();
  /** Memory for originals that are made of Arrow; a batch under way has its own. */
  readonly #texts: TextRoom[] = [];
  /** Of all partitions together, for their batches follow each other without a pause. */
  readonly #slices: Slices;
  readonly #catchingUp: Slices;
  readonly #refusalOfClosed: (correction: CorrectionEvent) => Refusal | null;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const slicesOf = (ms: number): Slices => new Slices(parts.scheduler, ms, SLICE_EVENTS_MIN, SLICE_EVENTS_MAX);
    this.#slices = slicesOf(SLICE_MS);
    this.#catchingUp = slicesOf(CATCHING_UP_SLICE_MS);
    this.#refusalOfClosed = parts.refusalOfClosed ?? (() => null);
  }

  /** Takes a batch when there is room; one of a partition that is not owned is passed over. Rejects after an end, and where a partition stops. */
  async take(batch: RecordBatch): Promise<void> {
    const { waiting, partitions } = this.#parts;
    // It is behind from now on, also while it waits for room or for its turn.
    partitions.get(batch.partition)?.ends(batch.readableEnd, batch.highWatermark);
    await waiting.room();
    const owned = partitions.get(batch.partition);
    if (owned === undefined) return;
    if (batch.unreadable === null) await this.#takeEvents(owned, batch);
    else await this.#takeUnreadable(owned, batch, batch.unreadable);
  }

  async #takeEvents(owned: OwnedPartition, batch: RecordBatch): Promise<void> {
    const { metrics, log, topics, scheduler, current, partitions, plantChange } = this.#parts;
    const { computing, storing, waiting, writes, misplaced } = this.#parts;
    const letters: RefusedEvent[] = [];
    const elsewhere: AppendRecord[] = [];
    const taken = { state: 0, count: 0, total: 0, job: 0, correction: 0 };
    let repeats = 0;
    let late = 0;
    const { topic, partition } = batch;
    // The head of the current event: one object, filled again for each, so that nothing is allocated; one literal, for put together of two it is slower to fill.
    const taking: { -readonly [field in keyof EventHead]: EventHead[field] } = {
      machine: "",
      type: "state",
      at: 0,
      topic,
      partition,
      offset: 0,
      index: 0,
      receivedAt: 0,
      id: null,
      repeat: false,
    };
    const countUnknown = (type: string, field: string): void => metrics.unknownFields.inc({ type, field });
    let touching: MachineRunner | null = null;
    const { toCompute, catchingUp } = owned;
    /** Of each record with headers, which may have thousands of events: the place where it was found. */
    const places = new Map<number, Place | null>();
    const placeOf = (record: number): Place | null => {
      if (!batch.hasHeaders(record)) return null;
      let place = places.get(record);
      if (place === undefined) places.set(record, (place = foundAt(batch, record)));
      return place;
    };
    const texts = this.#texts.pop() ?? new TextRoom();
    const take: TakeEvent = (runner, event, record, index, bytes, start, end) => {
      const offset = batch.offsetAt(record);
      const place = placeOf(record);
      const from = event.type === "correction" ? event.from : event.at;
      if (from < runner.storedTo) computing.reachStored(owned, runner, from);
      const receivedAt = batch.timestampAt(record);
      const again = place !== null && !runner.markTaken(place);
      const acceptance = again ? "repeat" : runner.accept(event, offset, receivedAt);
      const { type } = event;
      taking.machine = runner.id;
      taking.type = type;
      taking.at = event.at;
      taking.offset = offset;
      taking.index = index;
      taking.receivedAt = receivedAt;
      taking.id = event.id;
      taking.repeat = acceptance === "repeat";
      waiting.arriving.add(taking, bytes, start, end, runner.model.machine.index);
      if (taking.repeat) {
        repeats++;
        return;
      }
      taken[type]++;
      if (acceptance === "late") late++;
      if (type === "correction" && !catchingUp) {
        storing.hurry();
        toCompute.addUrgent(runner);
      }
      if (runner === touching) return;
      touching = runner;
      runner.checkpoint.lacks(offset);
      if (catchingUp) toCompute.addCatchingUp(runner);
      else if (computing.isAwaited(owned, runner)) toCompute.addUrgent(runner);
      else toCompute.add(runner);
    };
    const byMachine = this.#byMachine;
    let decoder = current.decoder;
    // What a slice is measured by: events, and what else costs as much as some.
    let steps = 0;
    let enough = 0;
    const isEnough = (): boolean => steps >= enough;
    const runnerOf = (machine: Machine): MachineRunner | null => {
      const known = owned.runnerOf(machine);
      if (known !== undefined) return known;
      const before = owned.runners.get(machine.id);
      const runner = plantChange.runnerOf(owned, machine);
      if (runner !== null && runner !== before) steps += EVENTS_A_RENEWAL;
      return runner;
    };
    const onDecoded: OnDecoded = (event, record, index, bytes, start, end) => {
      steps++;
      const { unknownFields } = decoder;
      if (unknownFields !== NO_FIELDS) this.#unknownFields.add(event.type, unknownFields, countUnknown);
      const { id, index: machine } = event.machine;
      const group = byMachine.groupAt(machine) ?? byMachine.begin(machine, runnerOf(event.machine));
      const { runner } = group;
      if (runner === null) {
        const home = partitions.homeOf(id);
        elsewhere.push(handedOver(batch, record, index, id, bytes.subarray(start, end), home));
        misplaced.found(batch, record, id, home);
      } else if (batch.offsetAt(record) >= Math.max(runner.nextOffset, owned.taken)) {
        const refusal = event.type === "correction" ? this.#refusalOfClosed(event) : null;
        if (refusal !== null) {
          letters.push({ refusal, letter: deadLetter(batch, record, refusal, bytes.subarray(start, end)) });
          return;
        }
        byMachine.add(group, event, record, index, bytes, start, end);
        // Of one record there may be more.
        if (byMachine.length >= SLICE_EVENTS_MAX) byMachine.drain(take);
      }
    };
    const onRefused = (refused: RefusedEvent): void => {
      steps++;
      letters.push(refused);
    };
    let next = 0;
    let lost = false;
    const slice = (room: number): number => {
      // The partition may be another worker's by now.
      lost = partitions.get(batch.partition) !== owned;
      if (lost) return 0;
      // Of a batch that failed, be it another partition's, which comes again.
      byMachine.clear();
      // Another one where the plant file changed meanwhile.
      decoder = current.decoder;
      const first = steps;
      enough = first + room;
      // In between it may have been computed and checkpointed.
      touching = null;
      const { arriving } = waiting;
      const before = arriving.length;
      next = decodeBatch(
        batch,
        decoder,
        scheduler.now(),
        onDecoded,
        onRefused,
        log.stampsRecords,
        next,
        isEnough,
        texts,
      );
      byMachine.drain(take);
      // Set before anything is awaited, so that a snapshot taken meanwhile names the offset that it includes.
      owned.takes(next < batch.length ? batch.offsetAt(next) : batch.nextOffset);
      waiting.arrived(arriving.length - before);
      storing.eventsCame();
      return steps - first;
    };
    do {
      await (catchingUp ? this.#catchingUp : this.#slices).run(slice);
      if (lost) return;
    } while (next < batch.length);
    for (const [type, count] of Object.entries(taken)) if (count > 0) metrics.events.inc({ type }, count);
    metrics.repeats.inc(repeats);
    metrics.late.inc(late);
    if (elsewhere.length > 0) {
      // Appended before the offset can be committed, and before later events of this partition are read.
      await writes.untilDone("hand events over to their machines' partitions", () =>
        log.append(topics.events.name, elsewhere),
      );
    }
    if (letters.length > 0) {
      // Written before the offset can be committed: a dead letter may be written twice, but is never lost.
      await writes.untilDone("write dead letters", () =>
        log.append(
          topics.deadLetters.name,
          letters.flatMap(({ letter }) => inPieces(letter)),
        ),
      );
      for (const { refusal } of letters) metrics.deadLetters.inc({ error: refusal.code });
    }
    // Copies of its texts, or all that needed them, are where they belong.
    texts.clear();
    this.#texts.push(texts);
    this.#reached(owned, batch);
  }

  /** Moves the position behind the batch: its events, dead letters and handed-over events are all done with. */
  #reached(owned: OwnedPartition, batch: RecordBatch): void {
    const { catchingUp } = owned;
    owned.reaches(batch.nextOffset, batch.readableEnd, batch.highWatermark);
    this.#parts.metrics.lag.set({ partition: owned.partition }, owned.lag);
    this.#parts.computing.soon();
    if (catchingUp && owned.caughtUp) this.#parts.storing.caughtUp();
  }

  /** Writes a batch that cannot be read to the dead letters as it is stored, or stops its partition (`unreadableBatches`). */
  async #takeUnreadable(owned: OwnedPartition, batch: RecordBatch, unreadable: UnreadableBatch): Promise<void> {
    const { metrics, log, topics, settings, writes } = this.#parts;
    const { reason, detail } = unreadable;
    if (settings.unreadableBatches === "stop") {
      owned.ends(batch.readableEnd, batch.highWatermark);
      if (owned.stopped === null) metrics.unreadableBatches.inc({ reason });
      const why = `OEE_WORKER_BATCH_UNREADABLE: partition ${batch.partition} stands at offset ${unreadable.offset}: ${detail}; --unreadable-batches dead-letter goes on behind it`;
      owned.stops(why);
      // The log delivers a batch again, at growing intervals, when its handler throws.
      throw new Error(why);
    }
    await writes.untilDone("write dead letters", () =>
      log.append(topics.deadLetters.name, inPieces(letterOfUnreadable(batch, unreadable))),
    );
    metrics.unreadableBatches.inc({ reason });
    metrics.deadLetters.inc({ error: "unreadable" });
    owned.takes(batch.nextOffset);
    this.#reached(owned, batch);
  }
}
