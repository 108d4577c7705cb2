/**
 * Takes entries in (RE-1, RE-2): adds what the server knows (when the entry came, the figures of a computed baseline), refuses
 * an entry that contradicts itself or the facts, and appends the others to the log one after the other. An entry that is sent
 * again unchanged is no conflict, so that a sender whose answer was lost may repeat it.
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

/** Most entries that wait for their turn. */
const WAITING_MAX = 1_000;

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
  readonly programme: Programme;
  /** Epoch ms. */
  readonly now: number;
}

/** Fields of a presented review that a sign-off is about; a revision that only adds sign-offs keeps them. */
const PRESENTED = ["position", "instant", "plant", "document", "digest"] as const;

export class EntryIntake {
  readonly #log: EntryLog;
  readonly #clock: () => number;
  readonly #maxFutureMs: number;
  readonly #computed: Computed;
  /** Entries are appended one at a time, since each is judged by those before it. */
  readonly #turn = new Turn(WAITING_MAX, busy);
  readonly #computing = new Turn(WAITING_MAX, busy);

  constructor(log: EntryLog, clock: () => number, maxFutureMs: number, computed: Computed) {
    this.#log = log;
    this.#clock = clock;
    this.#maxFutureMs = maxFutureMs;
    this.#computed = computed;
  }

  /** Resolves with the accepted entry when it is safe in the log. Throws `HttpProblem`, with the fields of `more` in it. */
  async take(plant: Plant, given: unknown, more: Fields = {}): Promise<Entry> {
    const judged = await this.#judge(plant, given, more);
    if (judged.isKnown) return judged.entry;
    // Computing takes seconds, so it has a turn of its own: entries that need no computation do not wait for it.
    const frozen = await this.#computing.run(() => this.#frozenOf(judged.entry, judged.former));
    if ("code" in frozen) throw refused(frozen as unknown as EntryRefusal, more);
    return this.#turn.run(() => this.#take(plant, given, more, frozen));
  }

  async #take(plant: Plant, given: unknown, more: Fields, frozen: Fields): Promise<Entry> {
    // Judged again, for another revision may have been appended while this one was computed.
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

  /** Reads and judges an entry. `isKnown`: it is the newest revision, sent again. Throws `HttpProblem` where it is refused. */
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

function refused({ code, detail }: EntryRefusal, more: Fields): HttpProblem {
  return new HttpProblem("OEE_HTTP_ENTRY_REFUSED", detail, { refusal: code, ...more });
}

function conflicting({ detail }: EntryRefusal, newest: Entry | null, more: Fields): HttpProblem {
  return new HttpProblem("OEE_HTTP_CONFLICT", detail, { newest: newest?.raw ?? null, ...more });
}
