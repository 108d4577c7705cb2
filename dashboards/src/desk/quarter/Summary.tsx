/** The summary of a review: OEE against the baseline and the goal, and the cost of stops. */
import type { ReactElement, ReactNode } from "react";
import { OEE_RATIOS } from "@oee/model/kpis";
import type { ReviewAnswer } from "@oee/protocol";
import { useDesk } from "../desk-context.ts";
import { type Defined, Definition } from "../Figure.tsx";
import { placeOf, type Place, SAVING } from "../made-of.ts";
import { MadeOf } from "../MadeOf.tsx";
import { COVERAGE_MIN } from "../measures.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { PolicyNote } from "../PolicyNote.tsx";
import { signedPoints } from "../signed-points.ts";
import { StatusWord } from "../StatusWord.tsx";

const SHOWN = [...OEE_RATIOS, "unplannedDowntimeShare"] as const;

export function Summary(props: { readonly review: ReviewAnswer }): ReactElement {
  const { review } = props;
  const desk = useDesk();
  const { t, values, plant, format } = desk;
  const { currency } = plant.description;
  // Money follows from stop time, so it is weak where the share of stop time is.
  const weak = review.measures["unplannedDowntimeShare"]?.counts === false;
  const isHatched = Object.values(review.measures).some(({ counts, achieved }) => !counts && achieved !== null);
  return (
    <>
      {isHatched ? (
        <p className="weak-note" data-weak={true} role="note">
          {t("quarter.weak", {
            coverage: values.ratio(review.quality.coverage),
            least: format.percentWhole(COVERAGE_MIN),
          })}
        </p>
      ) : null}
      <PolicyNote parts={review.policy} />
      <section className="figures">
        {SHOWN.map((name) => {
          const standing = review.measures[name];
          if (standing === undefined) return null;
          const { achieved, baseline, difference, goal, status, counts } = standing;
          return (
            <Tile
              key={name}
              name={name}
              measure={name}
              place={placeOf(name)}
              label={namedMeasureLabel(desk, name)}
              value={achieved}
              weak={!counts}
              text={namedMeasureText(desk, name, achieved)}
              status={status}
            >
              {baseline === null || difference === null ? null : (
                <div className="muted">
                  {t("quarter.against", {
                    baseline: namedMeasureText(desk, name, baseline),
                    difference: t("desk.points", { value: signedPoints(desk, difference) }),
                  })}
                </div>
              )}
              {goal === null ? null : (
                <div className="muted">{t("quarter.goal", { goal: namedMeasureText(desk, name, goal) })}</div>
              )}
            </Tile>
          );
        })}
        <Tile
          name="cost"
          measure="downtimeCost"
          place={placeOf("downtimeCost")}
          label={t("measure.downtimeCost")}
          value={review.cost}
          weak={weak}
          text={values.money(review.cost, currency)}
        />
        {review.savings === null ? null : (
          <Tile
            name="saving"
            measure="saving"
            place={SAVING}
            label={t("quarter.saving")}
            value={review.savings.saving}
            weak={weak}
            text={values.money(review.savings.saving, currency)}
          >
            <div className="muted">
              {t("quarter.perYear", { value: values.money(review.savings.perYear, currency) })}
            </div>
          </Tile>
        )}
      </section>
    </>
  );
}

function Tile(props: {
  readonly name: string;
  /** Whose definition stands behind a click, and the rows that it is made of behind another. */
  readonly measure: Defined;
  readonly place: Place;
  readonly label: string;
  readonly value: number | string | null;
  readonly text: string;
  readonly weak?: boolean;
  readonly status?: string | null;
  readonly children?: ReactNode;
}): ReactElement {
  const { name, measure, place, label, value, text, weak, status, children } = props;
  const desk = useDesk();
  return (
    <div className="figure" data-figure={name} data-value={value ?? ""} data-weak={weak === true ? true : undefined}>
      <div className="figure-label">
        {label} <Definition name={measure} />
      </div>
      <div className="figure-value" title={value === null ? desk.t("desk.notKnown") : undefined}>
        <MadeOf place={place}>{text}</MadeOf>
      </div>
      {status === undefined || status === null ? null : (
        <div>
          <StatusWord status={status} />
        </div>
      )}
      {children}
    </div>
  );
}
