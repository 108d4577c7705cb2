/**
 * Takes entries in (RE-1, RE-2): adds what the server knows (when the entry came, the figures of a computed baseline), refuses
 * an entry that contradicts itself or the facts, and appends the others to the log one after the other. An entry that is sent
 * again unchanged is no conflict, so that a sender whose answer was lost may repeat it.
 */
import { isDeepStrictEqual } from "node:util";
import { formatInstant, type Plant } from "@oee/model";
import { GiveWay, Turn } from "@oee/pacing";
import {
  type BaselineEntry,
  type Entry,
  type EntryRefusal,
  isEntryRefusal,
  type Programme,
  readEntry,
  type ReviewEntry,
} from "@oee/review";
import { busy, HttpProblem } from "../problems.ts";
import type { EntryLog } from "./entry-log.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Most entries that wait for their turn. */
const WAITING_MAX = 1_000;
/** So many are written together: all that is done with them at once, until they are stored, holds others up for some 0.1 ms an entry. */
const RUN_MAX = 100;

/** Fields that the server adds when it accepts an entry. */
const ADDED: readonly string[] = ["rev", "at", "frozen", "position", "instant", "plant", "document", "digest"];

/** What the server computes for an entry. */
export interface Computed {
  /** The frozen figures of a computed baseline, as fields of its entry; or why the baseline is refused. */
  freeze(entry: BaselineEntry): Promise<Fields | EntryRefusal>;
  /** The document of a presented review with its position, instant, plant version and digest (RV-3), as fields of its entry. */
  present(entry: ReviewEntry): Promise<Fields>;
}

interface Judged {
  readonly entry: Entry;
  /** The newest accepted revision of the entry; `null`: this is the first. */
  readonly former: Entry | null;
  readonly isKnown: boolean;
}

export interface Taken {
  readonly entry: Entry;
  /** The newest revision before; `null`: this is the first. Of an entry that was sent again: that entry. */
  readonly former: Entry | null;
}

/**
 * How the audit is told of entries: before they are written, for nothing is done that it was not told of, whenever the process is
 * killed; and of those that were refused at their place in the order after all, since another gateway's came before.
 */
export interface Telling {
  before(entries: readonly Taken[]): Promise<void>;
  refused(entries: readonly Taken[]): Promise<void>;
}

/** What was made of some entries that were written together. */
interface Run {
  readonly taken: readonly Taken[];
  /** Why one was refused, with its `index`; `null`: none was. */
  readonly refused: HttpProblem | null;
  /** The index of the first that was not tried. */
  readonly end: number;
  /** Whether that one needs a computation. */
  readonly computes: boolean;
}

/** Fields of a presented review that a sign-off is about; a revision that only adds sign-offs keeps them. */
const PRESENTED = ["position", "instant", "plant", "document", "digest"] as const;

export class NewEntries {
  readonly #log: EntryLog;
  readonly #clock: () => number;
  readonly #maxFutureMs: number;
  readonly #computed: Computed;
  /** One caller at a time appends, since each entry is judged by those before it. */
  readonly #turn = new Turn(WAITING_MAX, busy);
  readonly #computing = new Turn(WAITING_MAX, busy);

  constructor(log: EntryLog, clock: () => number, maxFutureMs: number, computed: Computed) {
    this.#log = log;
    this.#clock = clock;
    this.#maxFutureMs = maxFutureMs;
    this.#computed = computed;
  }

  /** Resolves with the accepted entry when it is safe in the log. Throws `HttpProblem`. */
  async take(plant: Plant, given: unknown, telling: Telling): Promise<Taken> {
    const { programme } = await this.#log.programmeOf(plant);
    const judged = this.#judge(programme, given);
    if (judged.isKnown) {
      await telling.before([judged]);
      return judged;
    }
    // Computing takes seconds, so it has a turn of its own: entries that need no computation do not wait for it.
    const frozen = await this.#computing.run(() => this.#frozenOf(judged.entry, judged.former));
    if ("code" in frozen) throw refused(frozen as unknown as EntryRefusal);
    return this.#turn.run(() => this.#take(plant, given, frozen, telling));
  }

  /**
   * Takes entries one after the other; those that need no computation are written together, a hundred at a time. Yields what is safe in the log.
   * Throws `HttpProblem` for the first one that is refused, with its `index` in it; those before it are in.
   */
  async *takeAll(plant: Plant, given: readonly unknown[], telling: Telling): AsyncGenerator<readonly Taken[], void> {
    for (let i = 0; i < given.length; ) {
      const first = i;
      const run = await this.#turn.run(() => this.#takeRun(plant, given, first, telling));
      if (run.taken.length > 0) yield run.taken;
      if (run.refused !== null) throw run.refused;
      i = run.end;
      if (!run.computes) continue;
      const taken = await this.take(plant, given[i], telling).catch((error: unknown) => {
        throw error instanceof HttpProblem ? atIndex(error, run.end) : error;
      });
      yield [taken];
      i++;
    }
  }

  async #take(plant: Plant, given: unknown, frozen: Fields, telling: Telling): Promise<Taken> {
    // Judged again, for another revision may have been appended while this one was computed.
    const { programme } = await this.#log.programmeOf(plant);
    const { entry, former, isKnown } = this.#judge(programme, given);
    if (isKnown) {
      await telling.before([{ entry, former }]);
      return { entry, former };
    }
    const whole = this.#wholeOf(entry, frozen);
    const judged = readEntry(plant, whole);
    if (isEntryRefusal(judged)) throw refused(judged);
    const refusal = programme.judge(judged);
    if (refusal !== null) throw refused(refusal);
    const told = { entry: judged, former };
    await telling.before([told]);
    const [taken] = await this.#log.append(plant, [whole]);
    if (isEntryRefusal(taken as Entry | EntryRefusal)) await telling.refused([told]);
    return this.#takenOf(plant, taken as Entry | EntryRefusal, { entry, former });
  }

  /** Writes some entries from an index on, up to the first that is refused or needs a computation. Each is tried on a copy of the programme first. */
  async #takeRun(plant: Plant, given: readonly unknown[], first: number, telling: Telling): Promise<Run> {
    const { programme } = await this.#log.programmeOf(plant);
    const tried = programme.copy();
    const giveWay = new GiveWay();
    /** `whole`: the entry as it is written; `null`: it is known. */
    const run: (Taken & { readonly index: number; readonly whole: Fields | null; readonly told: Taken })[] = [];
    let problem: HttpProblem | null = null;
    let computes = false;
    let index = first;
    for (; index < Math.min(given.length, first + RUN_MAX) && problem === null; index++) {
      if (giveWay.due) await giveWay.now();
      try {
        const { entry, former, isKnown } = this.#judge(tried, given[index]);
        if (!isKnown && needsComputing(entry)) {
          computes = true;
          break;
        }
        const whole = isKnown ? null : this.#wholeOf(entry, {});
        let told: Taken = { entry, former };
        if (whole !== null) {
          const judged = readEntry(plant, whole);
          if (isEntryRefusal(judged)) throw refused(judged);
          const refusal = tried.accept(judged);
          if (refusal !== null) throw refused(refusal);
          told = { entry: judged, former };
        }
        run.push({ entry, former, index, whole, told });
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        problem = atIndex(error, index);
      }
    }
    if (run.length > 0) await telling.before(run.map(({ told }) => told));
    const written = await this.#log.append(
      plant,
      run.flatMap(({ whole }) => (whole === null ? [] : [whole])),
    );
    const kept = run.filter(({ whole }) => whole !== null);
    const lost = kept.filter((_, i) => isEntryRefusal(written[i] as Entry | EntryRefusal));
    if (lost.length > 0) await telling.refused(lost.map(({ told }) => told));
    const taken: Taken[] = [];
    let next = 0;
    for (const one of run) {
      try {
        const { whole } = one;
        taken.push(whole === null ? one : await this.#takenOf(plant, written[next++] as Entry | EntryRefusal, one));
      } catch (error) {
        // Another gateway's revision came in between. It is earlier than what this run was refused for.
        if (!(error instanceof HttpProblem)) throw error;
        if (problem === null || one.index < (problem.more["index"] as number)) problem = atIndex(error, one.index);
      }
    }
    return { taken, refused: problem, end: index, computes };
  }

  /** An entry as it is written, with what the server adds. */
  #wholeOf({ raw, rev }: Entry, frozen: Fields): Fields {
    const { freeze: _, ...fields } = raw;
    return { ...fields, rev, at: fields["at"] ?? formatInstant(this.#clock()), ...frozen };
  }

  /** What was read back of a written entry. Throws `HttpProblem` where it was refused at its place in the order. */
  async #takenOf(plant: Plant, back: Entry | EntryRefusal, { entry, former }: Taken): Promise<Taken> {
    if (!isEntryRefusal(back)) return { entry: back, former };
    if (back.code !== "conflict") throw refused(back);
    const { programme: later } = await this.#log.programmeOf(plant);
    throw conflicting(back, later.book.newestOf(entry.type, entry.id) ?? former);
  }

  /** Reads an entry and judges it by a programme. `isKnown`: it is the newest revision, sent again. Throws `HttpProblem` where it is refused. */
  #judge(programme: Programme, given: unknown): Judged {
    const entry = readEntry(programme.plant, given);
    if (isEntryRefusal(entry)) throw refused(entry);
    if (entry.at !== null && entry.at > this.#clock() + this.#maxFutureMs) {
      throw refused({ code: "invalid", detail: `at: expected an instant that has come, found a later one` });
    }
    const former = programme.book.newestOf(entry.type, entry.id);
    if (former !== null && former.rev === entry.rev && isRepeat(entry.raw, former.raw)) {
      return { entry: former, former, isKnown: true };
    }
    const conflict = programme.book.check(entry);
    if (conflict !== null) throw conflicting(conflict, former);
    return { entry, former, isKnown: false };
  }

  /** The fields that the server computes for an entry; or why the entry is refused. */
  async #frozenOf(entry: Entry, former: Entry | null): Promise<Fields | EntryRefusal> {
    if (entry.type === "baseline") return this.#baselineOf(entry, former);
    return entry.type === "review" ? this.#presentedOf(entry, former) : {};
  }

  /** The frozen figures of a baseline. A revision keeps those of the former one unless it has `freeze: now`, or another scope or period (BL-5). */
  async #baselineOf(entry: BaselineEntry, former: Entry | null): Promise<Fields | EntryRefusal> {
    if (entry.figures !== null || entry.withdrawn) return {};
    const kept = former?.type === "baseline" && former.frozen !== null ? former : null;
    const isSame = kept !== null && kept.scope === entry.scope && kept.from === entry.from && kept.to === entry.to;
    if (isSame && !entry.freeze) return { frozen: kept.raw["frozen"] };
    return this.#computed.freeze(entry);
  }

  /** The document of a review (RV-3). A revision that names the digest of the presented one keeps it and adds sign-offs; one without digest and sign-offs is presented anew. */
  async #presentedOf(entry: ReviewEntry, former: Entry | null): Promise<Fields | EntryRefusal> {
    if (entry.withdrawn) return {};
    const known = former?.type === "review" && !former.withdrawn ? former : null;
    const isSame =
      known !== null &&
      known.scope === entry.scope &&
      isDeepStrictEqual(known.period, entry.period) &&
      entry.digest === known.digest;
    if (isSame && entry.digest !== null) return Object.fromEntries(PRESENTED.map((name) => [name, known.raw[name]]));
    if (entry.digest === null && entry.signOffs.length === 0) return this.#computed.present(entry);
    return { code: "invalid", detail: "digest: expected that of the document as it was presented last" };
  }
}

/** Whether an entry has the fields of a known one, apart from those that the server added to that. */
function isRepeat(given: Fields, known: Fields): boolean {
  const names = new Set([...Object.keys(given), ...Object.keys(known)]);
  return [...names].every(
    (name) =>
      name === "freeze" ||
      isDeepStrictEqual(given[name] ?? null, known[name] ?? null) ||
      (ADDED.includes(name) && (given[name] ?? null) === null),
  );
}

/** Whether the server may have to compute figures or a document for an entry. */
function needsComputing(entry: Entry): boolean {
  return !entry.withdrawn && (entry.type === "review" || (entry.type === "baseline" && entry.figures === null));
}

function refused({ code, detail }: EntryRefusal): HttpProblem {
  return new HttpProblem("OEE_HTTP_ENTRY_REFUSED", detail, { refusal: code });
}

function conflicting({ detail }: EntryRefusal, newest: Entry | null): HttpProblem {
  return new HttpProblem("OEE_HTTP_CONFLICT", detail, { newest: newest?.raw ?? null });
}

function atIndex({ code, message, more, cause }: HttpProblem, index: number): HttpProblem {
  return new HttpProblem(code, message, { ...more, index }, cause);
}
