/** Columns of an estimate with its interval (PI-3, PI-4), for actions and pilots alike. */
import type { EffectAnswer } from "@oee/protocol";
import type { Desk } from "./desk-context.ts";
import { type Meant, namedMeasureText } from "./named-measure.ts";
import type { Column } from "./table/column.ts";
import { policyText } from "./policy-parts.ts";
import { wordOf } from "./words.ts";

/** Columns of an effect, written in the unit of its measure; `marksOf` gives what else bears on the verdict. */
export function effectColumns<R>(
  desk: Desk,
  measureOf: (row: R) => string,
  effectOf: (row: R) => EffectAnswer | null,
  marksOf: (row: R) => readonly string[] = () => [],
): readonly Column<R>[] {
  const figure = (name: "effect" | "low" | "high" | "detectable", meant: Meant): Column<R> => ({
    name,
    label: desk.t(`column.${name}`),
    value: (row) => effectOf(row)?.[name] ?? null,
    text: (row) => namedMeasureText(desk, measureOf(row), effectOf(row)?.[name] ?? null, meant),
    numeric: true,
  });
  return [
    {
      name: "verdict",
      label: desk.t("column.verdict"),
      value: (row) => effectOf(row)?.verdict ?? null,
      text: (row) => [verdictText(desk, effectOf(row)), ...marksOf(row)].join("; "),
    },
    figure("effect", "difference"),
    figure("low", "difference"),
    figure("high", "difference"),
    figure("detectable", "size"),
  ];
}

/** The verdict in words, with a note where measuring is not over, or where there is no control. */
function verdictText(desk: Desk, effect: (EffectAnswer & { readonly measuring?: boolean }) | null): string {
  if (effect === null) return wordOf(desk, null);
  const marks = [
    ...(effect.measuring === true ? ["measuring"] : []),
    ...(effect.noControl === true ? ["no-control"] : []),
  ];
  return [effect.verdict, ...marks].map((word) => wordOf(desk, word)).join("; ");
}

/** The mark of a result whose policy is not one over all its blocks (PI-2), with what differs; none where it is. */
export function policyMarks(desk: Pick<Desk, "t">, policy: readonly string[] | undefined): readonly string[] {
  return policy === undefined ? [] : [desk.t("programme.policyChanged", { list: policyText(desk, policy) })];
}
