/** The desk: loads the plant, reads the address, and shows the view that the address names. */
import { type ReactElement, useEffect, useMemo, useState } from "react";
import { createFormat } from "../shared/format.ts";
import { fetchPlant, PlantIndex } from "../shared/plant.ts";
import { ProblemText } from "../reasons/ProblemText.tsx";
import { ReasonIndex } from "../shared/reason-tree.ts";
import { formatDeskAddress, goTo, type View } from "./address.ts";
import { type Desk, DeskContext, type DeskTranslate, type PinnedPeriod } from "./desk-context.ts";
import { FigureAsked } from "./FigureAsked.tsx";
import { periodIn } from "./period.ts";
import { Shell } from "./Shell.tsx";
import { useAddress } from "./use-address.ts";
import { useSpans } from "./use-spans.ts";
import { createValues } from "./values.ts";
import { Alerts } from "./views/Alerts.tsx";
import { Compare } from "./views/Compare.tsx";
import { Events } from "./views/Events.tsx";
import { Hours } from "./views/Hours.tsx";
import { Losses } from "./views/Losses.tsx";
import { Overview } from "./views/Overview.tsx";
import { Pareto } from "./views/Pareto.tsx";
import { Programme } from "./views/Programme.tsx";
import { Quarter } from "./views/Quarter.tsx";
import { Ranking } from "./views/Ranking.tsx";
import { Stops } from "./views/Stops.tsx";
import { Trust } from "./views/Trust.tsx";

const VIEW_OF: Readonly<Record<View, () => ReactElement>> = {
  overview: Overview,
  losses: Losses,
  stops: Stops,
  pareto: Pareto,
  hours: Hours,
  compare: Compare,
  ranking: Ranking,
  quarter: Quarter,
  programme: Programme,
  alerts: Alerts,
  trust: Trust,
  events: Events,
};

export function App(props: { readonly t: DeskTranslate; readonly locale: string }): ReactElement {
  const { t, locale } = props;
  const [plant, setPlant] = useState<PlantIndex | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    void fetchPlant(setProblem).then((description) => setPlant(new PlantIndex(description)));
  }, []);
  if (plant === null) {
    return (
      <main className="waiting" role="status">
        {problem === null ? t("status.connecting") : t("status.noServer", { problem })}
      </main>
    );
  }
  return <DeskOf t={t} locale={locale} plant={plant} />;
}

function DeskOf(props: {
  readonly t: DeskTranslate;
  readonly locale: string;
  readonly plant: PlantIndex;
}): ReactElement {
  const { t, locale, plant } = props;
  const [address, go] = useAddress();
  const { options } = address;
  const choice = useMemo(() => periodIn(options), [options]);
  const scope = plant.scope(address.scope);
  const [spans, problem] = useSpans(scope, choice);
  const [pinned, notePinned] = useState<PinnedPeriod | null>(null);
  const steady = useMemo(() => {
    const format = createFormat(locale, plant.description.timezones.offsets);
    return { format, values: createValues(locale, format), reasons: new ReasonIndex(plant.description.reasons) };
  }, [locale, plant]);
  useEffect(() => {
    document.title = `${t(`view.${address.view}`)} · ${scope?.name ?? ""} · open OEE`;
  }, [t, address.view, scope]);
  if (scope === undefined) {
    return (
      <main className="waiting" role="alert">
        <p>{t("notice.scope", { scope: address.scope, plant: plant.description.name })}</p>
        <p>
          <a href="/review">{t("view.overview")}</a>
        </p>
      </main>
    );
  }
  const href = (to: Parameters<typeof goTo>[1]): string => formatDeskAddress(goTo(address, to));
  const ready: Desk | null =
    spans === null ? null : { t, locale, plant, scope, address, spans, notePinned, go, href, ...steady };
  const ViewOf = VIEW_OF[address.view];
  return (
    <Shell
      t={t}
      plant={plant}
      address={address}
      scope={scope}
      choice={choice}
      spans={spans}
      pinned={pinned}
      format={steady.format}
      go={go}
      href={href}
    >
      {problem === null ? null : (
        <p role="alert">
          <ProblemText t={t} of={problem} />
        </p>
      )}
      {ready === null ? (
        <p role="status">{problem === null ? t("desk.asking") : ""}</p>
      ) : (
        <DeskContext.Provider value={ready}>
          <FigureAsked />
          <ViewOf key={`${address.view} ${scope.path}`} />
        </DeskContext.Provider>
      )}
    </Shell>
  );
}
