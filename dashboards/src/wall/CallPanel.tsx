/**
 * The brightest panel of the screen: the state of one machine, or, for a line or more, of the machine that needs someone most.
 * Where no machine needs anybody it says so, in quiet colours.
 */
import type { LiveElement } from "@oee/protocol";
import type { CSSProperties, ReactElement } from "react";
import { lettersOf } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import type { PlantIndex } from "../shared/plant.ts";
import { useElements, useLive, useSign, useTicked } from "./live-context.ts";
import { detailOf, StateDetail } from "./MachineState.tsx";
import { ageThatMatters, callsOf, type Sign, type SignCount } from "./sign.ts";
import { SignIcon } from "./SignIcon.tsx";
import { Elapsed } from "./Ticking.tsx";

/** The call of one machine. `named`: it shows the machine's name, since the header shows another one. */
export function MachineCall(props: { readonly element: LiveElement; readonly named: boolean }): ReactElement {
  const { element } = props;
  const { format } = useLive();
  const t = useTranslate();
  const sign = useSign(element);
  const { machine } = element;
  const ageMatters = useTicked((now) => machine !== null && ageThatMatters(machine, sign.sign, now) !== null);
  // With a detail, the age of the newest event gets a line of its own.
  const aged = ageMatters && detailOf(element, sign, t, format) !== null;
  return (
    <section
      className={`call call-machine sign-${sign.sign}${aged ? " aged" : ""}`}
      data-sign={sign.sign}
      aria-label={t(sign.word)}
    >
      <SignIcon sign={sign.sign} />
      <div className="call-word cut" style={{ "--letters": lettersOf(t(sign.word)) } as CSSProperties}>
        {t(sign.word)}
      </div>
      <div className="call-detail cut">
        <StateDetail element={element} sign={sign} />
      </div>
      <Elapsed className="call-time" since={sign.since} />
      <div className="call-foot cut">
        {props.named ? <bdi className="call-part call-name">{element.name}</bdi> : null}
        {sign.since === null ? null : <Since since={sign.since} timezone={element.timezone} />}
        {machine?.order ? <bdi className="call-part">{t("detail.order", { order: machine.order })}</bdi> : null}
        {machine?.product && sign.sign !== "running" ? (
          <bdi className="call-part">{machine.productName ?? machine.product}</bdi>
        ) : null}
      </div>
    </section>
  );
}

/** The instant since when the state lasts, in the site's zone, with its date where that is not today's. */
function Since(props: { readonly since: number; readonly timezone: string }): ReactElement {
  const { since, timezone } = props;
  const { format } = useLive();
  const t = useTranslate();
  const time = useTicked((now) => format.instant(since, now ?? since, timezone));
  return <span className="call-part call-since">{t("detail.since", { time })}</span>;
}

/** Most letters of a name that stands beside the time. A longer name is written smaller in a line of its own, and is never cut. */
const NAME_BESIDE_TIME_MAX = 13;

/** How many counts fit in a row, where each takes 1 and `DIGIT_SHARE` for each digit; more stand in two rows, smaller. */
const COUNTS_IN_A_ROW = 8.4;
const DIGIT_SHARE = 0.26;

function inOneRow(counts: readonly SignCount[]): boolean {
  return counts.reduce((sum, { count }) => sum + 1 + DIGIT_SHARE * String(count).length, 0) <= COUNTS_IN_A_ROW;
}

/** The call of a scope. `machines` must keep its identity between renderings. `namesLine`: the machine's line is named too, as above lines. */
export function ScopeCall(props: { readonly machines: readonly string[]; readonly namesLine: boolean }): ReactElement {
  const { client, plant } = useLive();
  const t = useTranslate();
  const elements = useElements(props.machines);
  useTicked((now) => callsOf(elements, now).worst?.sign.sign ?? null);
  const { worst, counts, machines: total } = callsOf(elements, client.knownUntil());
  if (worst === undefined) {
    return (
      <section className="call call-scope sign-noData" data-sign="noData" aria-label={t("call.noMachines")}>
        <div className="call-head">
          <SignIcon sign="noData" />
          <span className="call-word cut">{t("call.noMachines")}</span>
        </div>
      </section>
    );
  }
  const calm = worst.sign.sign === "running" || worst.sign.sign === "notPlanned";
  // Where all machines are without data none of them is worse than the others, so none is named.
  const silent = worst.sign.sign === "noData" && counts.length === 1;
  const named = !calm && !silent;
  const long = named && worst.element.name.length > NAME_BESIDE_TIME_MAX;
  const timer = named ? <Elapsed className="call-time" since={worst.sign.since} /> : null;
  return (
    <section
      className={`call call-scope sign-${worst.sign.sign}${long ? " long-name" : ""}`}
      data-sign={worst.sign.sign}
      aria-label={t("call.machines")}
    >
      <div className="call-head">
        <SignIcon sign={worst.sign.sign} />
        <span className="call-word cut">
          {calm ? t("call.allWell", { count: total }) : silent ? t("state.unknown") : <bdi>{worst.element.name}</bdi>}
        </span>
        {long ? null : timer}
      </div>
      <div className="call-line">
        <div className="call-detail cut">
          {calm ? (
            worst.sign.sign === "running" ? (
              t("call.allWellDetail", { count: total })
            ) : (
              t(worst.sign.word)
            )
          ) : silent ? (
            t("call.allSilent", { count: total })
          ) : (
            <>
              {props.namesLine ? (
                <>
                  <bdi className="detail-lead">{lineName(plant, worst.element.scope)}</bdi>
                  <span className="detail-dot"> · </span>
                </>
              ) : null}
              <span className="detail-word">{t(worst.sign.word)}</span>
              <StateDetail element={worst.element} sign={worst.sign} follows />
            </>
          )}
        </div>
        {long ? timer : null}
      </div>
      <div className={inOneRow(counts) ? "call-counts" : "call-counts many"}>
        {counts.map(({ sign, count }) => (
          <Count key={sign} sign={sign} count={count} />
        ))}
      </div>
    </section>
  );
}

function lineName(plant: PlantIndex, machine: string): string {
  const parent = plant.scope(machine)?.parent ?? "";
  return plant.scope(parent)?.name ?? parent;
}

function Count(props: { readonly sign: Sign; readonly count: number }): ReactElement {
  const t = useTranslate();
  return (
    <span className={`count mark-${props.sign}`} role="img" aria-label={`${t(`sign.${props.sign}`)}: ${props.count}`}>
      <SignIcon sign={props.sign} />
      {props.count}
    </span>
  );
}
