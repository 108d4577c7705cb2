/**
 * `oee review`: baselines, targets, pilots, actions, reviews and alerts straight from files of events and entries, by the
 * rules that serve the desk too; no server, no store.
 */
import type { ReviewAnswer } from "@oee/protocol";
import {
  actionDocument,
  actionResult,
  type ActionResult,
  alertDocuments,
  bookOf,
  type EntryBook,
  baselineDocument,
  type EntryRefusal,
  type Facts,
  type HistoryFacts,
  isEntryRefusal,
  type NamedPeriod,
  periodNamed,
  pilotDocument,
  plantAsItWas,
  Programme,
  readEntry,
  type ReviewEntry,
  reviewDocument,
  reviewOf,
  targetDocument,
  withMoney,
} from "@oee/review";
import { formatInstant, type Plant, type Scope, scopeAt } from "@oee/model";
import { type Command, Option } from "commander";
import { Failure, UsageError } from "../failure.ts";
import { type GatewayOptions, gatewayOptions } from "../gateway-client.ts";
import { instantOption } from "../option-values.ts";
import { amount, counted } from "../output/for-people.ts";
import { writeResults } from "../output/standard-output.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { Progress, sizeOf } from "../progress.ts";
import { type EntriesFile, readEntriesFile } from "../review/entries-file.ts";
import { answerOf } from "../review/questions.ts";
import { checkPresented, exportPresented } from "../review/presented.ts";
import { Record as EventRecord } from "../review/record.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

const PARTS = [
  "baselines",
  "targets",
  "reviews",
  "pilots",
  "actions",
  "paretos",
  "decompositions",
  "scorecards",
  "benchmarks",
  "alerts",
] as const;

type Part = (typeof PARTS)[number];

interface ReviewOptions extends ZoneSettings, GatewayOptions {
  readonly plant?: string;
  readonly events?: readonly string[];
  readonly entries?: string;
  readonly scope: string;
  readonly period?: string;
  readonly at?: number;
  readonly only?: readonly Part[];
  readonly format: Format;
  readonly check?: string;
  readonly export?: string;
}

type Format = "json" | "table" | "html";

export function define(command: Command): void {
  gatewayOptions(command)
    .description(
      "Baselines, targets, pilots, actions, reviews and alerts straight from files: no server, no store.\n" +
        "The result is one JSON object on standard output; what was read and refused is told on standard error.",
    )
    .addOption(new Option("--plant <file>", "plant file (YAML)").env("OEE_PLANT"))
    .addOption(zoneOption())
    .option("--events <file...>", "NDJSON (also .gz), Arrow IPC or Parquet, in log order; - is standard input")
    .option(
      "--entries <file>",
      "entries: NDJSON, or YAML with baselines, targets, pilots, actions, reviews and questions",
    )
    .option("--scope <scope>", "with --period: a review of this scope", "*")
    .option("--period <period>", "2026, 2026-Q3, 2026-07, 2026-W31 or 2026-07-04: a review of it")
    .option("--at <instant>", "what counts as now (default: 1 ms after the newest event)", instantOption)
    .option("--only <parts>", `only these parts of the result, with commas: ${PARTS.join(", ")}`, partsOption)
    .addOption(
      new Option("--format <format>", "html: the review of --period as one printable file; table: its measures")
        .choices(["json", "table", "html"])
        .default("json"),
    )
    .option("--check <id>", "of a presented review, asked of a gateway: what differs now; exit code 1 if anything does")
    .option("--export <id>", "of a presented review, asked of a gateway: its document, digest and sign-offs")
    .action(review);
}

function partsOption(text: string): readonly Part[] {
  return text.split(",").map((name) => {
    const part = PARTS.find((known) => known === name.trim());
    if (part === undefined) throw new UsageError(`--only: found "${name}", expected one of ${PARTS.join(", ")}`);
    return part;
  });
}

async function review(options: ReviewOptions): Promise<void> {
  if (options.check !== undefined) return checkPresented(options, options.check);
  if (options.export !== undefined) return exportPresented(options, options.export);
  const { events, format } = options;
  if (options.plant === undefined || events === undefined) throw new UsageError("expected --plant and --events");
  if (format !== "json" && options.period === undefined) throw new UsageError(`--format ${format} needs --period`);
  const today = await plantFromFile(options.plant, zonesOf(options));
  const file: EntriesFile = options.entries === undefined ? NO_ENTRIES : await readEntriesFile(options.entries);
  const plant = plantAsItWas(today, bookOf(today, file.entries, ["structure"]));
  const asked = options.period === undefined ? null : askedReview(plant, options.scope, options.period);
  const records = new Records(plant, today, bookOf(plant, file.entries, ["closing"]), events);
  const whole = await records.upTo(Infinity);
  const now = options.at ?? whole.last + 1;
  if (!Number.isFinite(now)) throw new UsageError("there are only corrections; expected --at");
  const facts = whole.factsAt(now);
  await records.prepare(file.entries);
  const programme = new Programme(plant, (entry) => records.factsFor(entry.raw, now));
  const refusedEntries: { entry: string; error: string }[] = [];
  for (const given of file.entries) {
    const entry = readEntry(plant, given);
    const refusal: EntryRefusal | null = isEntryRefusal(entry) ? entry : programme.accept(entry);
    if (refusal === null) continue;
    const id = idOf(given);
    refusedEntries.push({ entry: id, error: refusal.code });
    process.stderr.write(`entry ${id}: ${refusal.code}: ${refusal.detail}\n`);
  }
  if (asked !== null && format !== "json") {
    await writeResults(await printed(facts, programme, records, asked, options.period ?? "", format));
    return;
  }
  const wanted = new Set<Part>(options.only ?? PARTS);
  const part = (name: Part, make: () => readonly unknown[]): readonly unknown[] => (wanted.has(name) ? make() : []);
  const { book } = programme;
  const questions = (kind: "paretos" | "decompositions" | "scorecards" | "benchmarks"): readonly unknown[] =>
    part(kind, () => file.questions[kind].map((fields) => answerOf(facts, programme, kind, fields)));
  const document = {
    at: formatInstant(now),
    baselines: part("baselines", () =>
      programme.baselines.map((frozen) => {
        const fresh = frozen.figures.kind === "computed" ? programme.freezeAgain(frozen, facts) : null;
        return baselineDocument(facts, frozen, fresh);
      }),
    ),
    targets: part("targets", () => book.inForce("target").map((entry) => targetDocument(facts, programme, entry))),
    reviews: part("reviews", () => [
      ...book.inForce("review").map((entry) => reviewOfEntry(facts, programme, records, entry, now)),
      ...(asked === null ? [] : [reviewDocument(facts, programme, asked.scope, asked.named, null, null)]),
    ]),
    pilots: part("pilots", () => book.inForce("pilot").map((entry) => pilotDocument(facts, programme, entry))),
    actions: part("actions", () => book.inForce("action").map((entry) => actionDocument(facts, programme, entry))),
    paretos: questions("paretos"),
    decompositions: questions("decompositions"),
    scorecards: questions("scorecards"),
    benchmarks: questions("benchmarks"),
    alerts: part("alerts", () => alertDocuments(facts, programme)),
    refusedEntries,
  };
  await writeResults([`${JSON.stringify(document)}\n`]);
}

/** The review of one period for people. */
async function printed(
  facts: HistoryFacts,
  programme: Programme,
  records: Records,
  { scope, named }: { readonly scope: Scope; readonly named: NamedPeriod },
  period: string,
  format: Exclude<Format, "json">,
): Promise<Iterable<string>> {
  // As JSON has it, so that a figure on paper is one of the document.
  const document = reviewDocument(facts, programme, scope, named, null, null);
  const answer = JSON.parse(JSON.stringify(withMoney(document, facts.plant.currency))) as ReviewAnswer;
  const drift = (await import("../review/baseline-drift.ts")).baselineDriftOf(facts, programme, scope, answer, (raw) =>
    knownOf(raw) === null ? null : records.factsFor(raw, facts.now),
  );
  if (format === "table") return (await import("../review/measures-table.ts")).measuresTable(answer, drift);
  const actions = programme.book
    .inForce("action")
    .filter(({ id }) => answer.actions.includes(id))
    .map((entry) => {
      const { state, overdue, effect } = actionResult(facts, programme.actionOf(entry));
      const others = programme.actionsOverlapping(entry, facts.now).map((other) => other.title);
      return { title: entry.title, owner: entry.owner, state, overdue, verdict: verdictOf(effect, others) };
    });
  const { reviewPage } = await import("../review/html/page.ts");
  const at = formatInstant(facts.now);
  return [reviewPage({ plant: facts.plant, scope, review: answer, period, at, actions, drift })];
}

/** `others`: titles of actions whose effect is a part of this one's (AC-4). */
function verdictOf(effect: ActionResult["effect"], others: readonly string[]): string | null {
  if (effect === null) return null;
  const marks = [
    ...(effect.measuring ? ["so far"] : []),
    ...("noControl" in effect && effect.noControl ? ["no control"] : []),
    ...(others.length > 0 ? [`holds the effect of ${others.join(", ")}`] : []),
  ];
  const verdict = effect.verdict.replaceAll("-", " ");
  return marks.length === 0 ? verdict : `${verdict} (${marks.join(", ")})`;
}

const NO_ENTRIES: EntriesFile = {
  entries: [],
  questions: { paretos: [], decompositions: [], scorecards: [], benchmarks: [] },
};

function askedReview(plant: Plant, path: string, period: string): { scope: Scope; named: NamedPeriod } {
  const scope = scopeAt(plant, path);
  if (scope === undefined) throw new UsageError(`the plant has no scope ${JSON.stringify(path)}`);
  const named = periodNamed(period, scope.periods);
  if (named === null) throw new UsageError(`--period: found "${period}", expected a period such as 2026-Q3`);
  return { scope, named };
}

function reviewOfEntry(facts: Facts, programme: Programme, records: Records, entry: ReviewEntry, now: number): object {
  const named = periodNamed(entry.period, entry.scope.periods);
  if (named === null) throw new UsageError(`review ${entry.id}: expected a period such as 2026-Q3`);
  const known = knownOf(entry.raw);
  const presented = known === null ? null : reviewOf(records.factsFor(entry.raw, now), programme, entry.scope, named);
  return reviewDocument(facts, programme, entry.scope, named, entry, presented);
}

/** The record, and the records of what was known after so many lines. */
class Records {
  readonly #plant: Plant;
  readonly #today: Plant;
  readonly #closings: EntryBook;
  readonly #files: readonly string[];
  readonly #known = new Map<number, EventRecord>();

  constructor(plant: Plant, today: Plant, closings: EntryBook, files: readonly string[]) {
    this.#plant = plant;
    this.#closings = closings;
    this.#today = today;
    this.#files = files;
  }

  async upTo(lines: number): Promise<EventRecord> {
    let record = this.#known.get(lines);
    if (record !== undefined) return record;
    record = new EventRecord(this.#plant, this.#today, this.#closings);
    const progress = new Progress(await sizeOf(this.#files));
    const read = record;
    await read.read(this.#files, lines, (bytes) => progress.advance(bytes, read.account.accepted));
    progress.end();
    if (lines === Infinity) tell(read, progress);
    this.#known.set(lines, record);
    return record;
  }

  /** Reads what entries need that say how much was known. */
  async prepare(entries: readonly unknown[]): Promise<void> {
    for (const entry of entries) {
      const known = typeof entry === "object" && entry !== null ? knownOf(entry) : null;
      if (known !== null) await this.upTo(known);
    }
  }

  /** The facts of an entry, as it came: of as many lines as it says were known, else of all. */
  factsFor(raw: object, now: number): HistoryFacts {
    const record = this.#known.get(knownOf(raw) ?? Infinity);
    if (record === undefined) throw new Error("the record was not read");
    return record.factsAt(now);
  }
}

function knownOf(entry: object): number | null {
  const known: unknown = "known" in entry ? entry.known : null;
  return typeof known === "number" && Number.isSafeInteger(known) && known >= 0 ? known : null;
}

function tell(record: EventRecord, progress: Progress): void {
  const { accepted, repeats, refused } = record.account;
  progress.tell(`read ${counted(accepted, "event")}`);
  if (repeats > 0) progress.tell(`ignored ${counted(repeats, "repeat")} of events by their id`);
  for (const line of record.withoutZone) progress.tell(line);
  const codes = [...refused].map(([code, count]) => `${amount(count, 0)} ${code}`);
  if (codes.length > 0) progress.tell(`refused: ${codes.join(", ")}`);
  if (accepted === 0) throw new Failure("there was no event that could be read");
}

function idOf(entry: unknown): string {
  const id: unknown = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : null;
  return typeof id === "string" ? id : "";
}
