/**
 * Takes entries in (RE-1, RE-2): completes what the server knows (when it came, what a computed baseline comes to), refuses
 * what contradicts itself or the record, and puts the rest on the log one after the other. An entry that is sent again as
 * it was is no conflict, so that a sender whose answer was lost repeats it.
 */
import { isDeepStrictEqual } from "node:util";
import { formatInstant, type Plant } from "@oee/model";
import { Turn } from "@oee/pacing";
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

/** Entries that wait for those before them. */
const WAITING_MAX = 1_000;

/** What the server adds when it accepts an entry. */
const ADDED: readonly string[] = ["rev", "at", "frozen", "position", "instant", "plant", "document", "digest"];

/** What the server computes for an entry. */
export interface Computed {
  /** What is frozen of a computed baseline, as fields of its entry; or why it is none. */
  freeze(entry: BaselineEntry): Promise<Fields | EntryRefusal>;
  /** The document of a review, with what it was made from (RV-3). */
  present(entry: ReviewEntry): Promise<Fields>;
}

interface Judged {
  readonly entry: Entry;
  /** The newest revision that there is. */
  readonly former: Entry | null;
  readonly isKnown: boolean;
  readonly programme: Programme;
  /** Epoch ms. */
  readonly now: number;
}

/** Of a presented review: what its sign-offs are of. */
const PRESENTED = ["position", "instant", "plant", "document", "digest"] as const;

export class EntryIntake {
  readonly #log: EntryLog;
  readonly #clock: () => number;
  readonly #maxFutureMs: number;
  readonly #computed: Computed;
  /** One at a time: each is judged by those before it. */
  readonly #turn = new Turn(WAITING_MAX, busy);
  readonly #computing = new Turn(WAITING_MAX, busy);

  constructor(log: EntryLog, clock: () => number, maxFutureMs: number, computed: Computed) {
    this.#log = log;
    this.#clock = clock;
    this.#maxFutureMs = maxFutureMs;
    this.#computed = computed;
  }

  /** Resolves when the entry is safe in the log. Throws `HttpProblem`, where `more` becomes part of it. */
  async take(plant: Plant, given: unknown, more: Fields = {}): Promise<Entry> {
    const judged = await this.#judge(plant, given, more);
    if (judged.isKnown) return judged.entry;
    // What is computed takes seconds: entries that need nothing of it do not wait for it.
    const frozen = await this.#computing.run(() => this.#frozenOf(judged.entry, judged.former));
    if ("code" in frozen) throw refused(frozen as unknown as EntryRefusal, more);
    return this.#turn.run(() => this.#take(plant, given, more, frozen));
  }

  async #take(plant: Plant, given: unknown, more: Fields, frozen: Fields): Promise<Entry> {
    // Again, for another may have come meanwhile.
    const { entry, former, isKnown, programme, now } = await this.#judge(plant, given, more);
    if (isKnown) return entry;
    const { freeze: _, ...fields } = entry.raw;
    const whole = { ...fields, rev: entry.rev, at: fields["at"] ?? formatInstant(now), ...frozen };
    const judged = readEntry(plant, whole);
    const refusal = isEntryRefusal(judged) ? judged : programme.judge(judged);
    if (refusal !== null) throw refused(refusal, more);
    const taken = await this.#log.append(plant, whole);
    if (!isEntryRefusal(taken)) return taken;
    if (taken.code !== "conflict") throw refused(taken, more);
    const { programme: later } = await this.#log.programmeOf(plant);
    throw conflicting(taken, later.book.newestOf(entry.type, entry.id) ?? former, more);
  }

  /** `isKnown`: it is the newest revision, sent again. Throws `HttpProblem`. */
  async #judge(plant: Plant, given: unknown, more: Fields): Promise<Judged> {
    const entry = readEntry(plant, given);
    if (isEntryRefusal(entry)) throw refused(entry, more);
    const now = this.#clock();
    if (entry.at !== null && entry.at > now + this.#maxFutureMs) {
      throw refused({ code: "invalid", detail: `at: expected an instant that has come, found a later one` }, more);
    }
    const { programme } = await this.#log.programmeOf(plant);
    const former = programme.book.newestOf(entry.type, entry.id);
    if (former !== null && former.rev === entry.rev && isRepeat(entry.raw, former.raw)) {
      return { entry: former, former, isKnown: true, programme, now };
    }
    const conflict = programme.book.check(entry);
    if (conflict !== null) throw conflicting(conflict, former, more);
    return { entry, former, isKnown: false, programme, now };
  }

  /** What the server computes of an entry. */
  async #frozenOf(entry: Entry, former: Entry | null): Promise<Fields | EntryRefusal> {
    if (entry.type === "baseline") return this.#baselineOf(entry, former);
    return entry.type === "review" ? this.#presentedOf(entry, former) : {};
  }

  /** BL-5: what was frozen stays until a revision says `freeze: now`, or speaks of another scope or period. */
  async #baselineOf(entry: BaselineEntry, former: Entry | null): Promise<Fields | EntryRefusal> {
    if (entry.figures !== null || entry.withdrawn) return {};
    const kept = former?.type === "baseline" && former.frozen !== null ? former : null;
    const isSame = kept !== null && kept.scope === entry.scope && kept.from === entry.from && kept.to === entry.to;
    if (isSame && !entry.freeze) return { frozen: kept.raw["frozen"] };
    return this.#computed.freeze(entry);
  }

  /** RV-3: a revision that names the presented digest adds sign-offs to it; any other presents anew, what it brings aside. */
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

/** Whether an entry says what another did, but for what the server added to that. */
function isRepeat(given: Fields, known: Fields): boolean {
  const names = new Set([...Object.keys(given), ...Object.keys(known)]);
  return [...names].every(
    (name) =>
      name === "freeze" ||
      isDeepStrictEqual(given[name] ?? null, known[name] ?? null) ||
      (ADDED.includes(name) && (given[name] ?? null) === null),
  );
}

function refused({ code, detail }: EntryRefusal, more: Fields): HttpProblem {
  return new HttpProblem("OEE_HTTP_ENTRY_REFUSED", detail, { refusal: code, ...more });
}

function conflicting({ detail }: EntryRefusal, newest: Entry | null, more: Fields): HttpProblem {
  return new HttpProblem("OEE_HTTP_CONFLICT", detail, { newest: newest?.raw ?? null, ...more });
}
