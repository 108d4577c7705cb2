/** The frame around every view: the choice of scope, period and view, and the page's heading, which is printed too. */
import type { PlantScope } from "@oee/protocol";
import type { MouseEvent, ReactElement, ReactNode } from "react";
import { useSession } from "../shared/api/session.ts";
import type { Format } from "../shared/format.ts";
import type { PlantIndex } from "../shared/plant.ts";
import { type DeskAddress, type goTo, type View, VIEWS } from "./address.ts";
import type { DeskTranslate, PinnedPeriod } from "./desk-context.ts";
import { periodOfIn } from "./PeriodOf.tsx";
import { absolute, PeriodPicker } from "./PeriodPicker.tsx";
import type { PeriodChoice, Spans } from "./period.ts";
import { CopyLink } from "./CopyLink.tsx";
import { HistoryNote } from "./HistoryNote.tsx";
import { ScopePicker } from "./ScopePicker.tsx";

/** Views for which the frame shows no choice of period: they have one of their own, or none. */
const WITHOUT_PERIOD: ReadonlySet<View> = new Set(["ranking", "quarter", "programme", "trust"]);

export function Shell(props: {
  readonly t: DeskTranslate;
  readonly plant: PlantIndex;
  readonly scope: PlantScope;
  readonly address: DeskAddress;
  readonly choice: PeriodChoice;
  readonly spans: Spans | null;
  readonly pinned: PinnedPeriod | null;
  readonly format: Format;
  readonly go: (to: Parameters<typeof goTo>[1]) => void;
  readonly href: (to: Parameters<typeof goTo>[1]) => string;
  readonly children: ReactNode;
}): ReactElement {
  const { t, plant, scope, address, choice, spans, pinned, format, go, href, children } = props;
  const session = useSession();
  return (
    <>
      <header className="shell">
        <nav aria-label={t("desk.views")}>
          <ul>
            {VIEWS.map((view) => (
              <li key={view}>
                <a
                  href={href({ view })}
                  aria-current={view === address.view ? "page" : undefined}
                  onClick={(event) => follow(event, () => go({ view }))}
                >
                  {t(`view.${view}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="shell-tools">
          <ScopePicker t={t} plant={plant} scope={scope} onChoose={(path) => go({ scope: path })} />
          {WITHOUT_PERIOD.has(address.view) ? null : (
            <PeriodPicker
              t={t}
              scope={scope}
              format={format}
              choice={choice}
              spans={spans}
              onChoose={(options) => go({ options: { of: null, ...options } })}
            />
          )}
          <CopyLink
            t={t}
            address={address}
            options={WITHOUT_PERIOD.has(address.view) ? pinnedOf(address, pinned) : pinnedSpan(spans)}
          />
          <button type="button" onClick={() => print()}>
            {t("desk.print")}
          </button>
          {session?.signIn === true ? (
            <a href={`/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`}>
              {session.name}
            </a>
          ) : null}
        </div>
      </header>
      <main className="desk" data-view={address.view}>
        <div className="desk-head">
          <p className="muted">{[...plant.ancestors(scope.path).map(({ name }) => name)].join(" › ")}</p>
          <h1>
            {scope.name} <span className="muted">{t(`view.${address.view}`)}</span>
          </h1>
          {WITHOUT_PERIOD.has(address.view) ? (
            <p className="desk-span muted">{scope.timezone}</p>
          ) : (
            <SpanText t={t} format={format} choice={choice} spans={spans} scope={scope} />
          )}
        </div>
        <HistoryNote t={t} />
        {children}
      </main>
    </>
  );
}

/** Options of a link whose period stays what it is, for a link with "yesterday" or "this quarter" would show another one later. */
type PinnedOptions = Readonly<Record<string, string | null>>;

function pinnedSpan(spans: Spans | null): PinnedOptions {
  return spans === null ? {} : { period: null, from: absolute(spans.span.from), to: absolute(spans.span.to) };
}

/** Of a view that names its period by `of`; nothing is pinned until its answer has named it. */
function pinnedOf({ options }: DeskAddress, pinned: PinnedPeriod | null): PinnedOptions {
  return pinned?.of === periodOfIn(options) ? { period: null, of: pinned.name } : {};
}

function SpanText(props: {
  readonly t: DeskTranslate;
  readonly format: Format;
  readonly choice: PeriodChoice;
  readonly spans: Spans | null;
  readonly scope: PlantScope;
}): ReactElement | null {
  const { t, format, choice, spans, scope } = props;
  const day = spans === null ? null : dayIn(spans, format, scope.timezone);
  const name = choice.kind === "pinned" ? (day ?? t("period.pinned")) : t(`period.${choice.name}`);
  const at = (text: string): string => format.instant(Date.parse(absolute(text)), 0, scope.timezone);
  const from = spans === null ? "" : at(spans.span.from);
  const toNow = spans?.span.to === "now";
  const span =
    spans === null ? "" : toNow ? t("desk.spanToNow", { from }) : t("desk.span", { from, to: at(spans.span.to) });
  return (
    <p className="desk-span">
      <b>{name}</b> {span} <span className="muted">{scope.timezone}</span>
    </p>
  );
}

/** The date and weekday of a span that is one whole day; `null`: it is not. */
function dayIn({ span }: Spans, format: Format, zone: string): string | null {
  const [from, to] = [Date.parse(absolute(span.from)), Date.parse(absolute(span.to))];
  const hours = (to - from) / 3_600_000;
  // A day has 23 or 25 hours when the clocks change.
  const isDay = hours >= 23 && hours <= 25 && format.minuteOfDay(from, zone) === format.minuteOfDay(to, zone);
  return isDay ? format.date(from, zone) : null;
}

/** Handles a click on a link: a plain click moves within the page; with a modifier key the browser follows the link. */
export function follow(event: MouseEvent, move: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  move();
}
