/**
 * Computes a presented review again (RV-4): from the raw events before its position, as they were known at its instant, with
 * the entries before its position and the present plant file. While the plant version is the same and the raw events are
 * kept, the document has the same bytes.
 */
import type { Period } from "@oee/calendar";
import { PlantModel } from "@oee/engine";
import type { Topics } from "@oee/event-log";
import { type EventDecoder, formatInstant, type Machine, type Plant, type Scope } from "@oee/model";
import { GiveWay, Turn } from "@oee/pacing";
import {
  type Facts,
  HistoryFacts,
  type PlantFileOfRows,
  type Programme,
  RecordedMachine,
  RecordedRefusals,
  type ReviewEntry,
} from "@oee/review";
import type { EventRecord, Store } from "@oee/store";
import { busy, HttpProblem } from "../problems.ts";
import type { EntryLog } from "./entry-log.ts";
import type { RefusedEvents } from "./refused-events.ts";
import type { Position } from "./review-answers.ts";
import { type PlantFileSources, plantFilesOfRows } from "./row-plant-files.ts";
import { decoded, decoderOf } from "./stored-events.ts";
import { PartsToCome } from "./stored-facts.ts";

export interface RecordSources extends PlantFileSources {
  readonly store: Pick<Store, "events" | "historyStart" | "plantVersions" | "plantFile">;
  readonly topics: Topics;
  readonly entries: EntryLog;
  readonly refused: RefusedEvents;
}

/** Most raw events that one review is computed from; all of them are in memory at once. */
const EVENTS_MAX = 2_000_000;
const WAITING_MAX = 8;
/** States and totals of before a period are in force in it: so much of them is read at least, where not all is kept. */
const BEFORE_MS = 7 * 86_400_000;

/** Reviews are computed one at a time, since each may hold millions of events. */
const turn = new Turn(WAITING_MAX, busy);

/** What `ask` makes of the facts at a review's position. `plant` is the whole plant in force, without its past. Throws `HttpProblem` where raw events are gone, or are too many. */
export function computedAgain<T>(
  sources: RecordSources,
  plant: Plant,
  entry: ReviewEntry,
  signal: AbortSignal,
  ask: (facts: HistoryFacts, programme: Programme, scope: Scope) => T,
): Promise<T> {
  return turn.run(async () => {
    const { topics } = sources;
    const position = (entry.raw["position"] ?? {}) as Position;
    const instant = Date.parse(String(entry.raw["instant"]));
    const programme = await sources.entries.programmeUpTo(plant, position[topics.entries.name]?.["0"] ?? 0);
    const scope = programme.plant.scopes.get(entry.scope.path);
    if (scope === undefined) throw new Error(`the plant had no scope ${entry.scope.path}`);
    const model = new PlantModel(programme.plant);
    const offsets = position[topics.events.name] ?? {};
    const isKnown = ({ topic, partition, offset }: EventRecord): boolean =>
      topic !== topics.events.name || offset < (offsets[String(partition)] ?? 0);
    const recordOf = await recordsOf(sources.store, model, scope.machines, { from: -Infinity, isKnown }, signal);
    // Rows of a former plant file are told as such in the document, also where the figures do not differ by it.
    const isSameFile = entry.raw["plant"] === programme.plant.version;
    const refusals = sources.refused.refusals.before(offsets);
    const facts = new PartedFacts(model, instant, recordOf, refusals, isSameFile ? sources : null);
    // The first question about a machine sweeps its history; between machines other work gets the event loop.
    for (const machine of scope.machines) {
      facts.segmentsOf(machine, { from: 0, to: 0 });
      await facts.giveWay();
      signal.throwIfAborted();
    }
    for (;;) {
      try {
        return ask(facts, programme, scope);
      } catch (error) {
        if (!(error instanceof PartsToCome)) throw error;
        await facts.giveWay();
        signal.throwIfAborted();
      }
    }
  });
}

/** What `ask` makes of facts that the plant at hand gives of stored raw events. Throws `HttpProblem` where raw events are gone, or are too many. */
export function computedFromEvents<T>(
  store: Pick<Store, "events" | "historyStart">,
  { model, now }: { readonly model: PlantModel; readonly now: number },
  machines: readonly Machine[],
  wanted: WantedEvents,
  signal: AbortSignal,
  ask: (facts: Facts) => T,
): Promise<T> {
  return turn.run(async () => {
    const recordOf = await recordsOf(store, model, machines, wanted, signal);
    const facts = new HistoryFacts(model, now, recordOf, new RecordedRefusals());
    const giveWay = new GiveWay();
    for (const machine of machines) {
      facts.segmentsOf(machine, { from: 0, to: 0 });
      await giveWay.now();
      signal.throwIfAborted();
    }
    return ask(facts);
  });
}

export interface WantedEvents {
  /** Since when (epoch ms) the facts are asked for: raw events of a week before must be there, or all that there ever were. */
  readonly from: number;
  readonly isKnown: (record: EventRecord) => boolean;
}

async function recordsOf(
  store: Pick<Store, "events" | "historyStart">,
  model: PlantModel,
  machines: readonly Machine[],
  { from, isKnown }: WantedEvents,
  signal: AbortSignal,
): Promise<(machine: Machine) => RecordedMachine> {
  const decoder = decoderOf(model.plant);
  const records = new Map<Machine, RecordedMachine>();
  const giveWay = new GiveWay();
  let events = 0;
  for (const machine of machines) {
    await checkKept(store, decoder, machine, from);
    const record = new RecordedMachine(model, machine);
    records.set(machine, record);
    for await (const batch of store.events({ machine: machine.id })) {
      const known = batch.filter(isKnown);
      events += known.length;
      if (events > EVENTS_MAX) {
        throw new HttpProblem(
          "OEE_HTTP_TOO_MANY_ELEMENTS",
          `the review rests on more than ${EVENTS_MAX} events; oee review computes it from files`,
        );
      }
      for (const one of known) {
        for (const event of decoded(decoder, [one])) record.accept(event, one.receivedAt);
      }
      if (giveWay.due) await giveWay.now();
      signal.throwIfAborted();
    }
  }
  return (machine) => {
    const record = records.get(machine);
    if (record === undefined) throw new Error(`${machine.id} is none of the machines whose events were read`);
    return record;
  };
}

/** Throws `HttpProblem` where raw events of a machine are gone that are needed: those of before an instant that is not older than `from` by a week. */
async function checkKept(
  store: Pick<Store, "events" | "historyStart">,
  decoder: EventDecoder,
  { id }: Machine,
  from: number,
): Promise<void> {
  const corrected: Period[] = [];
  for await (const batch of store.events({ machine: id, types: ["correction"] })) {
    for (const event of decoded(decoder, batch)) if (event.type === "correction") corrected.push(event);
  }
  const { keptFrom } = await store.historyStart(id, corrected);
  if (keptFrom === null || keptFrom <= from - BEFORE_MS) return;
  const since = keptFrom === Infinity ? "" : ` of before ${formatInstant(keptFrom)}`;
  throw new HttpProblem("OEE_HTTP_EVENTS_GONE", `raw events of ${id}${since} are not kept any more`);
}

/** Facts of histories that interrupt the rules between parts, so that other work gets the event loop. */
class PartedFacts extends HistoryFacts {
  readonly #giveWay = new GiveWay();
  readonly #parts = new Map<string, unknown>();
  #madeSome = false;
  readonly #sources: PlantFileSources | null;
  readonly #plantFiles = new Map<string, readonly PlantFileOfRows[]>();
  #lacking: { readonly key: string; readonly scope: Scope; readonly period: Period } | null = null;

  /** `sources` give the plant files of rows; `null`: figures are those of the plant at hand, whatever made the rows. */
  constructor(
    ...[model, now, recordOf, refusals, sources]: [
      ...ConstructorParameters<typeof HistoryFacts>,
      sources: PlantFileSources | null,
    ]
  ) {
    super(model, now, recordOf, refusals);
    this.#sources = sources;
  }

  /** Throws `PartsToCome` where they must be read first. */
  override plantFilesOf(scope: Scope, period: Period): readonly PlantFileOfRows[] {
    const atHand = super.plantFilesOf(scope, period);
    if (this.#sources === null || atHand.length === 0) return atHand;
    const key = `${scope.path} ${period.from}-${period.to}`;
    const known = this.#plantFiles.get(key);
    if (known !== undefined) return known;
    this.#lacking = { key, scope, period: { from: period.from, to: Math.min(period.to, this.now) } };
    throw new PartsToCome();
  }

  /** Throws `PartsToCome` where the parts made since the last `giveWay` took too long; the rules are then called again. */
  override part<T>(key: string, make: () => T): T {
    if (this.#parts.has(key)) return this.#parts.get(key) as T;
    if (this.#madeSome && this.#giveWay.due) throw new PartsToCome();
    const made = make();
    this.#parts.set(key, made);
    this.#madeSome = true;
    return made;
  }

  async giveWay(): Promise<void> {
    await this.#giveWay.now();
    if (this.#lacking !== null && this.#sources !== null) {
      const { key, scope, period } = this.#lacking;
      this.#plantFiles.set(key, await plantFilesOfRows(this.#sources, this.plant, scope, period));
      this.#lacking = null;
    }
    this.#madeSome = false;
  }
}
