/**
 * Reads files of a folder, each once, oldest first, when two looks found them alike. A file goes to `done` when all of its rows were
 * used, to `failed` when not, with a report beside it; good rows of a failed file are taken. After each some rows it is kept on disk,
 * with the events, how far the file is read: a connector that is killed goes on behind them. What was read is known by its digest
 * and is not read again, under whatever name it comes, unless nothing could be taken of it.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PickedAddress, pick } from "../picking/picked.ts";
import type { Observation, Signal, Source, SourceHost } from "../port.ts";
import { Rounds } from "../rounds.ts";
import { untilObserved } from "../until-done.ts";
import type { FilesSettings } from "./settings.ts";
import { FILE_BYTES_MAX, type NumberedRow, rowsOf } from "./rows.ts";

const DIGEST_DIGITS = 20;
/** How many digests of files that were read are kept. */
const DIGESTS_MAX = 1_000;
/** How many files that were begun are kept: one for each time that another came first after a restart. */
const BEGUN_MAX = 100;
const BATCH_ROWS = 500;
const PROBLEMS_MAX = 1_000;
const PROBLEM_LENGTH_MAX = 500;

interface Mark {
  /** Digests of the files that were read, the oldest first. */
  readonly done: readonly string[];
  /** Digests of the files that were begun, the oldest first, and how many rows of each have their events on disk. */
  readonly begun: readonly (readonly [digest: string, rows: number])[];
}

/** Earlier connectors kept the one file that was begun last. */
type Kept = Mark | (Pick<Mark, "done"> & { readonly digest: string | null; readonly rows: number });

function markIn(text: string | null): Mark {
  if (text === null) return { done: [], begun: [] };
  const kept = JSON.parse(text) as Kept;
  if ("begun" in kept) return kept;
  return { done: kept.done, begun: kept.digest === null ? [] : [[kept.digest, kept.rows]] };
}

export class FilesSource implements Source {
  readonly #settings: FilesSettings;
  readonly #signals: readonly Signal<PickedAddress>[];
  readonly #host: SourceHost;
  readonly #rounds: Rounds;
  #mark: Mark;
  /** Size and time of files at the last look. */
  #looks: ReadonlyMap<string, string> = new Map();

  constructor(settings: FilesSettings, signals: readonly Signal<PickedAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    this.#mark = markIn(host.mark);
    this.#rounds = new Rounds(
      settings.everyMs,
      async (signal) => {
        const left = await this.#look(signal);
        host.connected();
        return left === 0;
      },
      (error) => host.unreachable(`${settings.folder}: ${messageOf(error)}`),
    );
  }

  get finished(): Promise<void> {
    return this.#rounds.finished;
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** Reads the files that two looks found alike; resolves with how many are not read yet. */
  async #look(signal: AbortSignal): Promise<number> {
    const { folder, pattern } = this.#settings;
    const entries = await readdir(folder, { withFileTypes: true });
    const found: { name: string; look: string; at: number }[] = [];
    for (const entry of entries) {
      if (!entry.isFile() || !pattern.test(entry.name) || entry.name.startsWith(".")) continue;
      const { size, mtimeMs } = await stat(join(folder, entry.name));
      found.push({ name: entry.name, look: `${size} ${mtimeMs}`, at: mtimeMs });
    }
    const still = found.filter(({ name, look }) => this.#looks.get(name) === look);
    this.#looks = new Map(found.map(({ name, look }) => [name, look]));
    for (const { name } of still.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))) {
      if (signal.aborted) break;
      await this.#readFile(name, signal);
    }
    return found.length - still.length;
  }

  async #readFile(name: string, signal: AbortSignal): Promise<void> {
    const path = join(this.#settings.folder, name);
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) return this.#put(name, [`a file of ${size} bytes, of at most ${FILE_BYTES_MAX}`], 0, 0);
    const bytes = await readFile(path);
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, DIGEST_DIGITS);
    if (this.#mark.done.includes(digest)) return this.#put(name, [], 0, 0, "it was read before, and not again");
    let rows: readonly NumberedRow[];
    try {
      rows = await rowsOf(bytes, this.#settings);
    } catch (error) {
      return this.#put(name, [messageOf(error)], 0, 0);
    }
    const problems: string[] = [];
    let observed = 0;
    const stored = this.#mark.begun.find(([begun]) => begun === digest)?.[1] ?? 0;
    const others = this.#mark.begun.filter(([begun]) => begun !== digest).slice(1 - BEGUN_MAX);
    for (let start = 0; start < rows.length || start === 0; start += BATCH_ROWS) {
      if (signal.aborted) return;
      const batch = rows.slice(start, start + BATCH_ROWS);
      const observations = await this.#observationsOf(batch, digest, problems);
      const isLast = start + BATCH_ROWS >= rows.length;
      const isEmpty = observed + observations.length === 0;
      // Rows before a restart are looked at again for the report alone.
      if (start + batch.length <= stored && !isLast) {
        observed += observations.length;
        continue;
      }
      const mark: Mark = isLast
        ? { done: [...this.#mark.done, ...(isEmpty ? [] : [digest])].slice(-DIGESTS_MAX), begun: others }
        : { done: this.#mark.done, begun: [...others, [digest, start + batch.length]] };
      // The source was closed meanwhile: the next start reads these rows again.
      if (!(await untilObserved(this.#host, observations, JSON.stringify(mark), signal))) return;
      this.#mark = mark;
      observed += observations.length;
      if (isLast) break;
    }
    const [first] = rows;
    if (observed === 0 && problems.length === 0 && first !== undefined) problems.push(...this.#withoutValues(first));
    await this.#put(name, problems, rows.length, observed);
  }

  /** Why a file with rows gave no value, as one whose columns have other names; nothing where each signal is of some rows alone. */
  #withoutValues({ row }: NumberedRow): readonly string[] {
    const always = this.#signals.filter(({ address }) => address.when === null && address.values === null);
    if (always.length === 0) return [];
    const names = [...new Set(always.map(({ signal }) => signal))].join(", ");
    const columns = row === null || typeof row !== "object" ? JSON.stringify(row) : Object.keys(row).join(", ");
    return [`no row has a value of ${names}; the first has ${columns}`.slice(0, PROBLEM_LENGTH_MAX)];
  }

  async #observationsOf(
    rows: readonly NumberedRow[],
    digest: string,
    problems: string[],
  ): Promise<readonly Observation[]> {
    const { decimalComma, times } = this.#settings;
    const observations: Observation[] = [];
    for (const { number, row, why } of rows) {
      if (why !== null) {
        problems.push(`${number}: ${why}`);
        continue;
      }
      const picked = await pick(this.#signals, row, {
        instantOf: (found) => times.instantOf(found),
        otherwise: this.#host.clock(),
        key: `${digest} ${number}`,
        decimalComma,
      });
      for (const refused of picked.refused) problems.push(`${number}: ${refused}`);
      observations.push(...picked.observations);
    }
    return observations;
  }

  /** Moves a file to `done` or `failed`, with its report. */
  async #put(name: string, problems: readonly string[], rows: number, values: number, said?: string): Promise<void> {
    const { folder } = this.#settings;
    if (this.#host.dry) return this.#host.notice(name, [said ?? `${rows} rows`, ...problems].join("; "));
    const place = join(folder, problems.length > 0 ? "failed" : "done");
    await mkdir(place, { recursive: true });
    const free = await freeName(place, name);
    const more = problems.length > PROBLEMS_MAX ? [`… and ${problems.length - PROBLEMS_MAX} more`] : [];
    const lines = [
      said ?? `${rows} rows, ${values} values, ${problems.length} problems`,
      ...problems.slice(0, PROBLEMS_MAX),
      ...more,
    ];
    await writeFile(join(place, `${free}.report.txt`), `${lines.join("\n")}\n`);
    await rename(join(folder, name), join(place, free));
    if (problems.length > 0) this.#host.refused(name, `${problems.length} problems, the first: ${problems[0]}`);
    else this.#host.notice(name, lines[0] ?? "");
  }
}

/** A name that no file in a folder has, so that an earlier file of the same name is not overwritten. */
async function freeName(folder: string, name: string): Promise<string> {
  const taken = new Set(await readdir(folder));
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}.${i}`;
  return free;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
