/**
 * Asks a database again and again, and takes each row of the answer once. A row is known by what it says, not by a number that grows:
 * rows become visible in another order than they were numbered, and orders are changed after they were read. What lies in the future,
 * as a planned order, waits until then.
 */
import { createHash } from "node:crypto";
import { type PickedAddress, pick } from "../picking/picked.ts";
import type { Observation, Signal, Source, SourceHost } from "../port.ts";
import { Rounds } from "../rounds.ts";
import { untilObserved } from "../until-done.ts";
import { queriedRows } from "./query.ts";
import type { SqlSettings } from "./settings.ts";
import { whyUnreachable } from "@oee/pacing";

const DIGEST_DIGITS = 16;
const BATCH_ROWS = 500;

/** One row of an answer, known by its text and by how often that came before in the same answer. */
interface DigestedRow {
  readonly digest: string;
  readonly row: unknown;
}

export class SqlSource implements Source {
  readonly #settings: SqlSettings;
  readonly #signals: readonly Signal<PickedAddress>[];
  readonly #host: SourceHost;
  readonly #rounds: Rounds;
  /** Rows of the last answer whose events are on disk: they are passed over in the next one. */
  #taken: ReadonlySet<string>;
  #heardAt: number | null;
  #isGone = false;

  constructor(settings: SqlSettings, signals: readonly Signal<PickedAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    this.#heardAt = host.heardBefore;
    this.#taken = new Set(host.mark === null ? [] : (JSON.parse(host.mark) as readonly string[]));
    this.#rounds = new Rounds(
      settings.everyMs,
      (signal) => this.#ask(signal),
      (error) => this.#gone(whyUnreachable(error)),
    );
  }

  get finished(): Promise<void> {
    return this.#rounds.finished;
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #ask(signal: AbortSignal): Promise<boolean> {
    const rows = digested(await queriedRows(this.#settings, signal));
    await this.#alive();
    return this.#take(rows, signal);
  }

  /** `false`: we are closed in the middle. */
  async #take(rows: readonly DigestedRow[], signal: AbortSignal): Promise<boolean> {
    const here = new Set(rows.map(({ digest }) => digest));
    // Rows that the answer no longer has are forgotten. One that comes again makes the same events, which the engine knows by their ids.
    const taken = new Set([...this.#taken].filter((digest) => here.has(digest)));
    const news = rows.filter(({ digest }) => !taken.has(digest));
    if (news.length === 0) this.#taken = taken;
    for (let start = 0; start < news.length; start += BATCH_ROWS) {
      const observations: Observation[] = [];
      const refused: string[] = [];
      for (const { digest, row } of news.slice(start, start + BATCH_ROWS)) {
        const picked = await this.#picked(digest, row);
        if (picked.observations.some(({ at }) => at > this.#host.clock())) continue;
        observations.push(...picked.observations);
        refused.push(...picked.refused.map((why) => `${why}, in ${JSON.stringify(row).slice(0, 200)}`));
        taken.add(digest);
      }
      if (!(await untilObserved(this.#host, observations, JSON.stringify([...taken]), signal))) return false;
      for (const why of refused) this.#host.refused("a row", why);
      this.#taken = new Set(taken);
    }
    return true;
  }

  #picked(digest: string, row: unknown): ReturnType<typeof pick> {
    const { times } = this.#settings;
    return pick(this.#signals, row, {
      instantOf: (found) => times.instantOf(found),
      otherwise: this.#host.clock(),
      key: digest,
    });
  }

  async #alive(): Promise<void> {
    this.#host.connected();
    this.#heardAt = this.#host.clock();
    // A database keeps what happens while we are away, so the states from before hold on.
    if (this.#isGone) await this.#host.back().catch(() => {});
    this.#isGone = false;
  }

  async #gone(why: string): Promise<void> {
    this.#host.unreachable(`the database: ${why}`);
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#heardAt !== null) await this.#host.gone(this.#heardAt, why).catch(() => {});
  }
}

function digested(rows: readonly unknown[]): readonly DigestedRow[] {
  const times = new Map<string, number>();
  return rows.map((row) => {
    const said = createHash("sha256").update(JSON.stringify(row)).digest("hex").slice(0, DIGEST_DIGITS);
    const before = times.get(said) ?? 0;
    times.set(said, before + 1);
    return { digest: before === 0 ? said : `${said} ${before}`, row };
  });
}
