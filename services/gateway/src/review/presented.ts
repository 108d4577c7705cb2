/** The document of a presented review (RV-3): canonical JSON by RFC 8785, so that equal figures give equal bytes. */
import { createHash } from "node:crypto";
import canonicalizeModule from "canonicalize";
import { Amount } from "@oee/answers";
import { formatInstant } from "@oee/model";
import { periodNamed, periodOf, presentedDocument, type ReviewEntry, withMoney } from "@oee/review";
import { atRest, type RestSources } from "./at-rest.ts";
import { checkReviewPeriod } from "./parameters.ts";
import type { Known, ReviewAnswers } from "./review-answers.ts";

// The package is CommonJS, but its types describe an ES module with a default export.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

export interface Presented {
  readonly position: object;
  readonly instant: string;
  /** The plant's version. */
  readonly plant: string;
  readonly document: string;
  readonly digest: string;
}

/** Presents a review at `now` (epoch ms, a whole minute). `known` gives what is known at the store's present position. Throws `HttpProblem` where the figures do not come to rest. */
export async function presented(
  sources: RestSources,
  answers: ReviewAnswers,
  now: number,
  known: (now: number) => Promise<Known>,
  entry: ReviewEntry,
): Promise<Presented> {
  const { scope, period } = entry;
  const named = periodNamed(period, scope.periods);
  if (named === null) throw new Error(`review ${entry.id} has no period`);
  checkReviewPeriod(named);
  const signal = new AbortController().signal;
  const frozen = { machines: scope.machines, before: Math.min(now, periodOf(scope.timezone, named).to) };
  const lookAgain = (): Promise<Known> => known(now);
  const { value: document, known: at } = await atRest(sources, frozen, lookAgain, async (found) => {
    const asked = { ...found, refusals: answers.refusalsBefore(found.position) };
    const review = await answers.ask(asked, signal, (facts) =>
      withMoney(presentedDocument(facts, found.programme, scope, named), found.plant.currency),
    );
    return canonicalOf(review);
  });
  return {
    position: at.position,
    instant: formatInstant(at.now),
    plant: at.plant.version,
    document,
    digest: digestOf(document),
  };
}

export function canonicalOf(value: object): string {
  // The round trip leaves out what JSON does not have, such as a field that is undefined.
  const text = canonicalize(JSON.parse(JSON.stringify(value)));
  if (text === undefined) throw new Error("the document is no JSON");
  return text;
}

export function digestOf(document: string): string {
  return `sha256:${createHash("sha256").update(document, "utf8").digest("hex")}`;
}

/** The later value less the former one, of numbers and of money (a decimal text); `null` for other values. */
function moreBy(before: unknown, after: unknown): number | string | null {
  if (typeof before === "number" && typeof after === "number") return after - before;
  const [former, later] = [amountIn(before), amountIn(after)];
  if (former === null || later === null) return null;
  return later.amount.minus(former.amount).toDecimal(Math.max(former.places, later.places));
}

function amountIn(value: unknown): { readonly amount: Amount; readonly places: number } | null {
  if (typeof value !== "string" || !/^-?\d{1,20}(?:\.\d+)?$/.test(value)) return null;
  return { amount: Amount.parse(value), places: value.split(".")[1]?.length ?? 0 };
}

/** A figure whose value differs now. `by` is the present value less the presented one; `null` where it is neither number nor money. */
export interface FigureDifference {
  /** A JSON pointer into the document. */
  readonly figure: string;
  readonly presented: unknown;
  readonly now: unknown;
  readonly by: number | string | null;
}

/** The figures whose values differ (RV-4), in the order of the document, at most `max`. */
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
    differences.push({ figure, presented: before, now: after, by: moreBy(before, after) });
  };
  walk("", presentedValue, nowValue);
  return differences;
}
