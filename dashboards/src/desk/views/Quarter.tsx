/**
 * The review of a period (RV-1), as of now or as it was presented (`review=ID`): measures against baseline and target, the parts
 * of the change of OEE by loss and scope, its cost, and the quality of its data. It prints as a document.
 */
import type { BaselineAnswer, PresentedAnswer, ReviewAnswer, ScorecardRows } from "@oee/protocol";
import { type ReactElement, type ReactNode, useMemo, useState } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { ChangeShown } from "../ChangeShown.tsx";
import { Choice } from "../Choice.tsx";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { BaselineDrift } from "../entry/BaselineDrift.tsx";
import { daysOf, periodIn, type PeriodName, periodText } from "../quarter/name-of-period.ts";
import { PinnedSpanContext } from "../MadeOf.tsx";
import type { Span } from "../period.ts";
import { PeriodOf, periodOfIn, usePinnedPeriod } from "../PeriodOf.tsx";
import { Actions } from "../quarter/Actions.tsx";
import { type Chapter, Cover, positionText } from "../quarter/Cover.tsx";
import { Differences } from "../quarter/Differences.tsx";
import { LongestStops } from "../quarter/LongestStops.tsx";
import { Measures } from "../quarter/Measures.tsx";
import { Money } from "../quarter/Money.tsx";
import { Parts } from "../quarter/Parts.tsx";
import { PresentButton, SignOffs } from "../quarter/Presenting.tsx";
import { Quality } from "../quarter/Quality.tsx";
import { Reasons } from "../quarter/Reasons.tsx";
import { Summary } from "../quarter/Summary.tsx";
import { Trend } from "../quarter/Trend.tsx";
import { usePageHeader } from "../quarter/use-page-header.ts";
import { Scorecard } from "../Scorecard.tsx";

interface ReviewListed {
  readonly id: string;
  readonly scope: string;
  readonly at: string;
  readonly by: string;
  readonly digest?: string;
}

export function Quarter(): ReactElement {
  const { t, scope, address, go, format } = useDesk();
  const [turn, setTurn] = useState(0);
  const of = periodOfIn(address.options);
  const id = address.options["review"] ?? null;
  const reviews = useTable<ReviewListed>(apiUrl("/entries", { type: "review", scope: scope.path }), turn);
  const own = reviews.table?.rows.filter((each) => each.scope === scope.path && each.digest !== undefined) ?? [];
  const again = (): void => setTurn((before) => before + 1);
  return (
    <>
      <div className="choices">
        <PeriodOf also={{ review: null }} />
        <Choice
          label={t("quarter.edition")}
          value={id ?? ""}
          options={[
            ["", t("quarter.live")],
            ...own.map(
              ({ id: each, at, by }) =>
                [each, `${each} · ${format.instant(Date.parse(at), 0, scope.timezone)} · ${by}`] as const,
            ),
            ...(id === null || own.some((each) => each.id === id) ? [] : [[id, id] as const]),
          ]}
          onChange={(next) => go({ options: { review: next === "" ? null : next } })}
        />
      </div>
      {id === null ? <Live of={of} onPresented={again} /> : <Presented key={id} id={id} turn={turn} onSigned={again} />}
    </>
  );
}

function Live(props: { readonly of: string; readonly onPresented: () => void }): ReactElement {
  const { go, scope } = useDesk();
  const question = { scope: scope.path, period: props.of };
  const asked = useTable<ReviewAnswer>(apiUrl("/review", question));
  usePinnedPeriod(asked.asking ? undefined : asked.table?.headers);
  // After the review, which is looked at first.
  const course = useTable<ScorecardRows>(asked.table === null ? null : apiUrl("/scorecard", question));
  return (
    <Answered asked={asked}>
      {({ rows: [review], reflects, headers }) =>
        review === undefined ? null : (
          <Document
            review={review}
            period={periodIn(headers)}
            presented={null}
            course={course.asking ? undefined : course.table?.rows[0]?.rows}
            tools={
              <PresentButton
                period={periodIn(headers)}
                onPresented={(id) => {
                  props.onPresented();
                  go({ options: { review: id } });
                }}
              />
            }
            span={spanIn(headers, reflects)}
            before={beforeIn(headers)}
            reflects={reflects}
            plantVersion={headers.get("oee-plant")}
            position={positionIn(headers.get("oee-position"))}
          />
        )
      }
    </Answered>
  );
}

/** The span of an answer's period, cut at the instant that its figures are of. */
function spanIn(headers: Headers, instant: number): Span {
  const at = (name: string): number => Date.parse(headers.get(name) ?? "");
  const [from, to] = [at("oee-from"), Math.min(at("oee-to"), instant)];
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** The span of the period before an answer's. */
function beforeIn(headers: Headers): Span {
  return { from: headers.get("oee-previous-from") ?? "", to: headers.get("oee-previous-to") ?? "" };
}

function positionIn(header: string | null): string | null {
  if (header === null) return null;
  try {
    return positionText(JSON.parse(header) as PresentedAnswer["position"]);
  } catch {
    return header;
  }
}

function Presented(props: { readonly id: string; readonly turn: number; readonly onSigned: () => void }): ReactElement {
  const { id, turn, onSigned } = props;
  const { t } = useDesk();
  const asked = useTable<PresentedAnswer>(apiUrl(`/reviews/${encodeURIComponent(id)}`), turn);
  return (
    <Answered asked={asked}>
      {({ rows: [presented], reflects, headers }) =>
        presented === undefined ? null : (
          <>
            <p role="note" className="note">
              {t("present.frozen", { digest: presented.digest.slice(0, 23) })}
            </p>
            <Document
              review={presented.document}
              period={presented.period}
              presented={presented}
              course={presented.document.scorecard.rows}
              span={spanIn(headers, Date.parse(presented.instant))}
              before={beforeIn(headers)}
              reflects={reflects}
              plantVersion={presented.plant}
              position={null}
              end={
                <>
                  <Section id="signOffs" title={t("present.signOffs")}>
                    <SignOffs presented={presented} onSigned={onSigned} />
                  </Section>
                  <Section id="differences" title={t("present.differences")}>
                    <Differences presented={presented} turn={turn} />
                  </Section>
                </>
              }
            />
          </>
        )
      }
    </Answered>
  );
}

function Document(props: {
  readonly review: ReviewAnswer;
  readonly period: PeriodName;
  readonly span: Span;
  readonly before: Span;
  readonly presented: PresentedAnswer | null;
  readonly reflects: number;
  readonly plantVersion: string | null;
  readonly position: string | null;
  readonly course?: ScorecardRows["rows"] | undefined;
  readonly tools?: ReactNode;
  readonly end?: ReactNode;
}): ReactElement {
  const { review, span, before, presented, course, tools, end } = props;
  const { t, scope, plant, format } = useDesk();
  const periodName = periodText(props.period);
  const of = [props.period].flat().join();
  const { from, to } = span;
  const pinned = useMemo(() => ({ period: null, of, from, to }), [of, from, to]);
  usePageHeader(`${plant.description.name} · ${t("quarter.title", { scope: scope.name })} · ${periodName}`);
  const parts: readonly (Chapter & { readonly body: ReactNode })[] = [
    {
      id: "summary",
      title: t("quarter.summary"),
      body: (
        <>
          <Summary review={review} />
          <Measures measures={review.measures} before={before} />
          {review.baseline === null ? null : <Drift review={review} />}
        </>
      ),
    },
    { id: "trend", title: t("quarter.trend"), body: <Trend trend={review.trend} /> },
    {
      id: "changes",
      title: t("quarter.changes"),
      body: (
        <>
          <ChangeShown name="changeFromPrevious" title={t("quarter.fromPrevious")} change={review.changeFromPrevious} />
          {review.baseline === null ? null : (
            <ChangeShown
              name="changeFromBaseline"
              title={t("quarter.fromBaseline")}
              change={review.changeFromBaseline}
            />
          )}
        </>
      ),
    },
    ...(Object.keys(review.children).length === 0
      ? []
      : [{ id: "parts", title: t("quarter.parts"), body: <Parts review={review} /> }]),
    {
      id: "stops",
      title: t("quarter.stops"),
      body: (
        <>
          <Reasons review={review} />
          <LongestStops stops={review.longestStops} />
        </>
      ),
    },
    { id: "actions", title: t("programme.actions"), body: <Actions ids={review.actions} /> },
    { id: "money", title: t("quarter.money"), body: <Money review={review} /> },
    {
      id: "trust",
      title: t("quarter.quality"),
      body: (
        <>
          <Scorecard scorecard={review.scorecard} course={course} />
          <Quality review={review} />
        </>
      ),
    },
  ];
  const chapters: readonly Chapter[] =
    presented === null
      ? parts
      : [
          ...parts,
          { id: "signOffs", title: t("present.signOffs") },
          { id: "differences", title: t("present.differences") },
        ];
  return (
    <PinnedSpanContext.Provider value={pinned}>
      <div className="document">
        <Cover {...props} periodName={periodName} chapters={chapters} />
        <p className="document-period">
          <b>{t("desk.span", daysOf(review, format.localDay))}</b>{" "}
          <span className="muted">
            {review.baseline === null ? t("quarter.noBaseline") : t("quarter.baseline", { id: review.baseline })}
            {review.inProgress ? `. ${t("quarter.inProgress")}` : ""}
          </span>{" "}
          {tools}
        </p>
        {parts.map(({ id, title, body }) => (
          <Section key={id} id={id} title={title}>
            {body}
          </Section>
        ))}
        {end}
      </div>
    </PinnedSpanContext.Provider>
  );
}

/** The drift of the baseline that the review is compared with, of its scope: as of now, also beside a presented review (BL-5). */
function Drift(props: { readonly review: ReviewAnswer }): ReactElement {
  const { scope, from, baseline } = props.review;
  const asked = useTable<BaselineAnswer>(apiUrl("/baselines", { scope, date: from }));
  return (
    <Answered asked={asked}>
      {({ rows }) => {
        const own = rows.find(({ id }) => id === baseline);
        return own === undefined ? null : <BaselineDrift baseline={own} />;
      }}
    </Answered>
  );
}

function Section(props: { readonly id: string; readonly title: string; readonly children: ReactNode }): ReactElement {
  const { id, title, children } = props;
  return (
    <section id={id} className="chapter">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
