/** What a pilot's effect rests on: weeks that count and weeks left out (PI-2), and what each control shows without a change (PI-7). */
import type { EffectAnswer, PilotAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { type Desk, useDesk } from "./desk-context.ts";
import { instantAt, nameOf } from "./element-columns.ts";
import { namedMeasureLabel, namedMeasureText } from "./named-measure.ts";
import { daysOf } from "./quarter/name-of-period.ts";
import { wordOf } from "./words.ts";

export function PilotNotes(props: { readonly pilot: PilotAnswer }): ReactElement {
  const { leftOut, measures, scopes, chosenLaterBy = [] } = props.pilot;
  const desk = useDesk();
  const { t, values, format } = desk;
  const all = Object.entries(measures);
  const [first] = all;
  const [before, after] = first?.[1].blocks ?? [0, 0];
  const lines = [
    t("pilot.weeks", { before: values.count(before), after: values.count(after) }),
    ...(leftOut.length === 0
      ? []
      : [
          t("pilot.leftOut", {
            list: leftOut
              .map(
                ({ from, to, why }) =>
                  `${t("desk.span", daysOf({ from, to }, format.localDay))} (${whyText(desk, why)})`,
              )
              .join("; "),
          }),
        ]),
    ...(chosenLaterBy.length === 0
      ? []
      : [
          t("pilot.chosenLater", {
            list: chosenLaterBy
              .map(({ by, at }) =>
                [by ?? t("reasons.somebody"), ...(at === null ? [] : [instantAt(desk, at, scopes[0] ?? "")])].join(
                  ", ",
                ),
              )
              .join("; "),
          }),
        ]),
    ...all.flatMap(([measure, effect]) => placeboTexts(desk, measure, effect)),
  ];
  return (
    <ul className="lines muted">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** `pilot: low-coverage` in words: the side whose week does not count, and why it does not. */
function whyText(desk: Desk, why: string): string {
  const [side = "", reason = ""] = why.split(": ");
  return desk.t(side === "pilot" ? "pilot.ofPilot" : "pilot.ofControl", { why: wordOf(desk, reason) });
}

function placeboTexts(desk: Desk, measure: string, { placebo = {}, effect }: EffectAnswer): readonly string[] {
  const found = Object.entries(placebo);
  if (found.length === 0 || effect === undefined) return [];
  const list = found
    .map(([scope, value]) => `${nameOf(desk, scope)} ${namedMeasureText(desk, measure, value, "difference")}`)
    .join(", ");
  const named = { measure: namedMeasureLabel(desk, measure) };
  const isLarge = found.some(([, value]) => Math.abs(value) >= Math.abs(effect));
  return [desk.t("pilot.placebo", { ...named, list }), ...(isLarge ? [desk.t("pilot.placeboLarge", named)] : [])];
}
