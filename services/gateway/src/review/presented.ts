/** The document of a review as it is presented (RV-3): canonical by RFC 8785, so that equal figures are equal bytes. */
import { createHash } from "node:crypto";
import canonicalizeModule from "canonicalize";
import { formatInstant } from "@oee/model";
import { periodNamed, type ReviewEntry, reviewDocument } from "@oee/review";
import type { Known, ReviewAnswers } from "./review-answers.ts";

// The package is CommonJS; its types speak of a module.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

export interface Presented {
  readonly position: object;
  readonly instant: string;
  /** The plant's version. */
  readonly plant: string;
  readonly document: string;
  readonly digest: string;
}

export async function presented(answers: ReviewAnswers, known: Known, entry: ReviewEntry): Promise<Presented> {
  const { scope, period } = entry;
  const named = periodNamed(period, scope.periods);
  if (named === null) throw new Error(`review ${entry.id} has no period`);
  const signal = new AbortController().signal;
  const review = await answers.ask(known, signal, (facts) =>
    reviewDocument(facts, known.programme, scope, named, null, null),
  );
  const document = canonicalOf(review);
  return {
    position: known.position,
    instant: formatInstant(known.now),
    plant: known.plant.version,
    document,
    digest: digestOf(document),
  };
}

export function canonicalOf(value: object): string {
  // What JSON does not have, such as a field that is undefined, is left out first.
  const text = canonicalize(JSON.parse(JSON.stringify(value)));
  if (text === undefined) throw new Error("the document is no JSON");
  return text;
}

export function digestOf(document: string): string {
  return `sha256:${createHash("sha256").update(document, "utf8").digest("hex")}`;
}

/** One figure that is another now; `by`: how much more it is, of numbers. */
export interface FigureDifference {
  /** A JSON pointer into the document. */
  readonly figure: string;
  readonly presented: unknown;
  readonly now: unknown;
  readonly by: number | null;
}

/** RV-4: what would differ now, figure by figure, in the order of the document. */
export function differencesOf(presentedValue: unknown, nowValue: unknown, max: number): readonly FigureDifference[] {
  const differences: FigureDifference[] = [];
  const walk = (figure: string, before: unknown, after: unknown): void => {
    if (differences.length >= max || before === after) return;
    const [inBefore, inAfter] = [before, after].map((value) =>
      typeof value === "object" && value !== null ? value : null,
    );
    if (inBefore != null && inAfter != null) {
      for (const key of new Set([...Object.keys(inBefore), ...Object.keys(inAfter)])) {
        const escaped = key.replaceAll("~", "~0").replaceAll("/", "~1");
        const of = (value: object): unknown => (value as Readonly<Record<string, unknown>>)[key] ?? null;
        walk(`${figure}/${escaped}`, of(inBefore), of(inAfter));
      }
      return;
    }
    const by = typeof before === "number" && typeof after === "number" ? after - before : null;
    differences.push({ figure, presented: before, now: after, by });
  };
  walk("", presentedValue, nowValue);
  return differences;
}
