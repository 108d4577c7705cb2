/**
 * Entries of people that the server does not have yet. They are kept in the browser's storage, sent in their order
 * as soon as the server can be reached, and stay until the answers show them. Before one is sent, what it would overwrite is
 * compared with what the person saw; where somebody else changed it meanwhile, the person decides. Delivery: at least once,
 * with ids by which a repetition changes nothing (CN-4). Bounded: a full outbox refuses further entries.
 */
import { ApiProblem } from "../api/ask.ts";
import { NOBODY } from "../who.ts";
import {
  againOf,
  type Correction,
  correctionsOf,
  type Entry,
  fateOf,
  ofStop,
  overwriting,
  reachOf,
  type Said,
  type Segment,
  spanNow,
  type Standing,
  takesBack,
} from "./entry.ts";
import { AHEAD_MS, heldAside, type Hold, nextStep, type TimelinePart } from "./hold.ts";
import { newId } from "./new-id.ts";

/** What the outbox asks of the server. Each function throws `ApiProblem`, or what `fetch` throws without a network. */
export interface CorrectionPort {
  /** `by` of the person signed in, as whose the server takes all that is sent; `null`: people do not sign in there. */
  readonly person: () => Promise<string | null>;
  /** The machine's segments that overlap `[from, to)`, by time; `to` is `null` for now. */
  readonly segments: (machine: string, from: number, to: number | null) => Promise<readonly Segment[]>;
  /** The machine's corrections whose span overlaps `[from, to)`, in the order of the log. */
  readonly said: (machine: string, from: number, to: number) => Promise<readonly Said[]>;
  /** What the machine did in the running shift, by time. */
  readonly timeline: (machine: string) => Promise<readonly TimelinePart[]>;
  readonly post: (correction: Correction) => Promise<void>;
  /** Resolves when the correction is in effect, or after some seconds, and with whether it is. */
  readonly effect: (id: string, machine: string) => Promise<boolean>;
}

export type Stage =
  /** The entry is not sent yet, or the server could not be reached. */
  | "waiting"
  /** The entry is another person's than of the one signed in, and waits until that person is. */
  | "others"
  /** The entry is safe in the log, and not in effect yet. */
  | "taken"
  /** Somebody else changed the stop meanwhile, and the entry is not sent; `now` is what stands. */
  | "conflict"
  /** The entry was sent, and somebody else's, made at the same time or since, took its place; `now` is what stands. */
  | "replaced"
  /** The stop does not exist any more. */
  | "gone"
  /** The server refused the entry; `code` and `problem` say why. */
  | "refused";

export interface Pending {
  readonly entry: Entry;
  readonly stage: Stage;
  readonly now: Standing | null;
  readonly problem: string | null;
  /** The code of the problem; an entry that was kept by an older page has none. */
  readonly code?: string;
  /** Whether the person has seen what somebody else entered, and wants it replaced. */
  readonly overwrite: boolean;
}

/** `over`: what somebody else had entered a moment before, and the entry took the place of; an undo gives it back. */
export type Done = Entry & { readonly over?: Standing };

export interface OutboxState {
  readonly pending: readonly Pending[];
  /** Newest entries in effect, which may be taken back, the newest first. */
  readonly done: readonly Done[];
  readonly holds: readonly Hold[];
}

export interface OutboxOptions {
  readonly port: CorrectionPort;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  /** The server's time (epoch ms). */
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => void;
  /** Called when an entry came into effect, to ask again for the list shown. The entry stays pending until this resolves. */
  readonly onEffect: () => Promise<void>;
}

export const OUTBOX_KEY = "oee.corrections";
export const PENDING_MAX = 200;
const DONE_MAX = 8;
const RETRY_MS = 3_000;
/** Entries in effect are looked at for so long (ms) for whether another one took their place. */
const LOOKED_AT_MS = 60 * 60_000;

/** Ignores an error, such as one of the network, since the next call tries again. */
const NEXT_TIME = (): void => undefined;

const EMPTY: OutboxState = { pending: [], done: [], holds: [] };

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #listeners = new Set<() => void>();
  #state: OutboxState;
  /** The text in the storage as this page read or wrote it last. */
  #stored: string | null;
  #sending = false;
  readonly #watched = new Set<string>();
  /** Which of the entries in effect is looked at next. */
  #turn = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#stored = options.storage.getItem(OUTBOX_KEY);
    this.#state = restored(this.#stored);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): OutboxState => this.#state;

  /** Takes over the state that another page of this browser wrote to the storage. */
  reread(): void {
    this.#newest();
    this.#tell();
  }

  /** The state with what other pages wrote: one that stood still, or is shown again by going back, was told nothing of it. */
  #newest(): OutboxState {
    const text = this.#options.storage.getItem(OUTBOX_KEY);
    // Where the storage has no room this page's own state is newer than the text.
    if (text !== this.#stored) {
      this.#stored = text;
      this.#state = restored(text);
    }
    return this.#state;
  }

  /** Adds an entry and sends it. `false`: the outbox is full. */
  add(entry: Entry): boolean {
    const { pending, done } = this.#newest();
    if (pending.length >= PENDING_MAX) return false;
    this.#change({
      pending: [...pending, { entry, stage: "waiting", now: null, problem: null, overwrite: false }],
      done: done.filter((each) => !takesBack(entry, each)),
    });
    void this.send();
    return true;
  }

  /** Sends or drops an entry whose stop somebody else had changed, as the person decided. */
  decide(id: string, decision: "overwrite" | "drop"): void {
    const decided = this.#newest().pending.find(({ entry }) => entry.id === id);
    if (decision === "drop") this.#remove(id);
    else if (decided !== undefined) {
      const { entry, stage, now } = decided;
      const seen = now === null ? entry : overwriting(entry, now);
      const next = stage === "replaced" && now !== null ? againOf(entry, newId(), this.#options.now(), now) : seen;
      this.#update(id, { entry: next, stage: "waiting", overwrite: true });
    }
    void this.send();
  }

  /** Sends the waiting entries in order, one at a time, however often it is called. */
  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#sendOne(next);
    } catch {
      this.#options.later(() => void this.send(), RETRY_MS);
    } finally {
      this.#sending = false;
    }
    for (const { entry, stage } of this.#state.pending) if (stage === "taken") void this.#watch(entry);
  }

  /** Extends corrections of stops that go on (`hold.ts`), and looks whether what was entered stands. To be called every few seconds or minutes. */
  async keep(): Promise<void> {
    // While an entry is sent, no hold may change the stop that it was compared with.
    if (this.#sending) return;
    this.#sending = true;
    // What is not in effect yet, the answers do not show.
    const taken = this.#state.pending.filter(({ stage }) => stage === "taken");
    const holds = this.#state.holds.filter(({ id }) => !taken.some(({ entry }) => entry.id === id));
    for (const hold of holds) await this.#keepOne(hold).catch(NEXT_TIME);
    await this.#look().catch(NEXT_TIME);
    this.#sending = false;
    void this.send();
  }

  async #keepOne(hold: Hold): Promise<void> {
    const { port } = this.#options;
    const now = this.#options.now();
    const stops = await port.segments(hold.machine, hold.from, null);
    const aside = ofStop(hold, stops).length > 0 ? [] : heldAside(hold, await port.timeline(hold.machine));
    if (aside === null) {
      // Nothing tells when the stop ended, and the correction reaches no further than the past.
      if (hold.until <= now) this.#change({ holds: this.#newest().holds.filter(({ id }) => id !== hold.id) });
      return;
    }
    const segments = [...aside, ...stops];
    const goesOn = ofStop(hold, segments).some(({ open }) => open);
    const said = goesOn ? [] : await port.said(hold.machine, hold.from, Math.max(now, hold.until));
    const person = await port.person();
    const { corrections, hold: next } = nextStep(hold, segments, said, now, person ?? hold.by);
    for (const correction of corrections) await this.#options.port.post(correction);
    if (next === hold) return;
    const others = this.#newest().holds.filter(({ id }) => id !== hold.id);
    this.#change({ holds: next === null ? others : [...others, next] });
  }

  /** The first waiting entry before which no other entry of its stop is pending, but for those of other people. */
  #next(): Pending | undefined {
    const pending = this.#state.pending.filter(({ stage }) => stage !== "others");
    return pending.find(
      (each, i) => each.stage === "waiting" && !pending.slice(0, i).some(({ entry }) => entry.stop === each.entry.stop),
    );
  }

  async #sendOne({ entry, overwrite }: Pending): Promise<void> {
    const { port, now } = this.#options;
    try {
      const person = await port.person();
      // What was made before anybody was known is of whoever is now.
      if (person !== null && entry.by !== person && entry.by !== NOBODY)
        return this.#update(entry.id, { stage: "others" });
      const segments = await port.segments(entry.machine, entry.from, entry.to);
      const said = await this.#saidOf(entry);
      const span = spanNow(entry, segments, said);
      if (span.kind === "gone") return this.#update(entry.id, { stage: "gone" });
      if (span.kind === "changed" && !overwrite) {
        return this.#update(entry.id, { stage: "conflict", now: span.now });
      }
      const own = ofStop(entry, segments);
      const last = own[own.length - 1];
      const goesOn = entry.to === null && last?.open === true;
      // What made the time no stop reaches as far as the corrections that are taken back.
      const aside = entry.kind === "undo" && entry.of !== null ? reachOf({ id: entry.of, from: entry.from }, said) : 0;
      const end = goesOn ? now() + AHEAD_MS : Math.max(last?.to ?? aside, entry.from + 1);
      for (const correction of correctionsOf(entry, end)) await port.post(correction);
      if (goesOn) this.#hold(entry, end);
      this.#update(entry.id, { stage: "taken" });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.passing) throw error;
      this.#update(entry.id, { stage: "refused", code: error.code, problem: error.message });
    }
  }

  #hold(entry: Entry, until: number): void {
    const { id, machine, stop, by } = entry;
    const last = entry.parts[entry.parts.length - 1];
    const undone = entry.kind === "undo";
    // An undo may bring back a reason that somebody had entered before, which is then held.
    const reason = undone ? (entry.seen.correctedBy === null ? null : entry.seen.reason) : (last?.reason ?? null);
    if (reason === null) return;
    const from = undone ? entry.from : (last?.from ?? entry.from);
    this.#change({ holds: [...this.#newest().holds, { id, machine, stop, from, reason, by, until }] });
  }

  async #saidOf({ machine, from, to }: Entry): Promise<readonly Said[]> {
    return this.#options.port.said(machine, from, to ?? Math.max(this.#options.now(), from + 1));
  }

  async #watch(entry: Entry): Promise<void> {
    if (this.#watched.has(entry.id)) return;
    this.#watched.add(entry.id);
    try {
      const { port } = this.#options;
      const last = entry.kind === "undo" ? 0 : entry.parts.length - 1;
      const inEffect = await port.effect(`${entry.id}/${last}`, entry.machine);
      const said = await this.#saidOf(entry);
      const fate = fateOf(entry, said, this.#ownIds());
      const segments = await port.segments(entry.machine, entry.from, entry.to);
      // Of an entry that is not among the machine's newest the server tells no effect, but answers show it.
      const isShown = inEffect || spanNow(entry, segments, said).kind !== "unchanged";
      if (fate.kind === "replaced") await this.#replaced(entry, fate.now);
      else if (inEffect || (fate.kind === "stands" && isShown)) {
        await this.#finish(entry, fate.kind === "stands" ? fate.over : null);
      }
    } catch {
      // The check is tried again below.
    }
    this.#watched.delete(entry.id);
    if (this.#state.pending.some((each) => each.entry.id === entry.id && each.stage === "taken")) {
      this.#options.later(() => void this.#watch(entry), RETRY_MS);
    } else void this.send();
  }

  /** Looks whether an entry in effect, one at each call, still stands: another person's may have been on its way at the same time. */
  async #look(): Promise<void> {
    const since = this.#options.now() - LOOKED_AT_MS;
    // A reason that follows an undo is what the list asks for.
    const looked = this.#newest().done.filter(({ kind, at }) => kind === "reason" && at > since);
    const entry = looked[this.#turn++ % Math.max(1, looked.length)];
    if (entry === undefined) return;
    const fate = fateOf(entry, await this.#saidOf(entry), this.#ownIds());
    if (fate.kind === "replaced") await this.#replaced(entry, fate.now);
  }

  /** Ids of the entries of this browser, and of undos of those in effect. */
  #ownIds(): readonly string[] {
    const { pending, done } = this.#state;
    return [...pending.map(({ entry }) => entry.id), ...done.map(({ id }) => id)];
  }

  async #replaced(entry: Entry, now: Standing): Promise<void> {
    await this.#options.onEffect();
    const { pending, done } = this.#newest();
    const isDone = done.some(({ id }) => id === entry.id);
    const told: Pending = { entry, stage: "replaced", now, problem: null, overwrite: false };
    this.#change({
      pending: isDone ? [...pending, told] : pending.map((each) => (each.entry.id === entry.id ? told : each)),
      done: done.filter(({ id }) => id !== entry.id),
    });
  }

  async #finish(entry: Entry, over: Standing | null): Promise<void> {
    await this.#options.onEffect();
    // Each page of the browser watches it.
    const pending = this.#newest().pending.find((each) => each.entry.id === entry.id);
    if (pending === undefined) return;
    this.#remove(entry.id);
    // Who has an undo overwrite what somebody entered has seen that.
    const isKnown = over === null || (entry.kind === "undo" && pending.overwrite);
    if (isKnown && entry.kind === "undo") return;
    const own = isKnown ? entry : { ...overwriting(entry, over), over };
    const others = this.#newest().done.filter((each) => !overlap(each, entry));
    this.#change({ done: [own, ...others].slice(0, DONE_MAX) });
  }

  #remove(id: string): void {
    this.#change({ pending: this.#newest().pending.filter(({ entry }) => entry.id !== id) });
  }

  #update(id: string, part: Partial<Pending>): void {
    this.#change({
      pending: this.#newest().pending.map((each) => (each.entry.id === id ? { ...each, ...part } : each)),
    });
  }

  #change(part: Partial<OutboxState>): void {
    this.#state = { ...this.#state, ...part };
    const text = JSON.stringify(this.#state);
    try {
      this.#options.storage.setItem(OUTBOX_KEY, text);
      this.#stored = text;
    } catch {
      // Without room in the storage entries are still sent while the page is open.
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function overlap(a: Entry, b: Entry): boolean {
  return a.machine === b.machine && a.from < (b.to ?? Infinity) && b.from < (a.to ?? Infinity);
}

/** The state that is kept; whose entries may be sent is asked again by each page. */
function restored(text: string | null): OutboxState {
  if (text === null) return EMPTY;
  try {
    const kept = { ...EMPTY, ...(JSON.parse(text) as Partial<OutboxState>) };
    const pending = kept.pending.map((each) =>
      each.stage === "others" ? { ...each, stage: "waiting" as const } : each,
    );
    return { ...kept, pending };
  } catch {
    return EMPTY;
  }
}

/** What the browser forgets when its person signs out: entries that the server has. Those that it does not have are kept. */
export function forgetDone(storage: Pick<Storage, "getItem" | "setItem">): void {
  storage.setItem(OUTBOX_KEY, JSON.stringify({ ...restored(storage.getItem(OUTBOX_KEY)), done: [] }));
}
