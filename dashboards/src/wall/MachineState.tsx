/** A machine's state in words: headline, detail, since when; large for one machine, small in rows and tiles. */
import type { LiveElement } from "@oee/protocol";
import type { ReactElement } from "react";
import type { Format } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import { useLive, useTicked } from "./live-context.ts";
import { ageThatMatters, type MachineSign } from "./sign.ts";
import { Ticking } from "./Ticking.tsx";

/** The detail of a machine's state (`detailOf`). `follows`: a word stands before it, from which a dot separates it. */
export function StateDetail(props: {
  readonly element: LiveElement;
  readonly sign: MachineSign;
  readonly follows?: boolean;
}): ReactElement | null {
  const { element, sign } = props;
  const dot = <span className="detail-dot"> · </span>;
  const { client, format } = useLive();
  const t = useTranslate();
  const { machine } = element;
  const ageMatters = useTicked((now) => machine !== null && ageThatMatters(machine, sign.sign, now) !== null);
  const lead = props.follows === true ? dot : null;
  if (machine === null || (sign.sign === "noData" && machine.lastEventAt === null)) {
    return (
      <>
        {lead}
        {t("detail.noEventYet")}
      </>
    );
  }
  const what = detailOf(element, sign, t, format);
  const age = (): string => {
    const duration = ageThatMatters(machine, sign.sign, client.knownUntil());
    return duration === null ? "" : t("detail.lastEvent", { duration: format.duration(duration) });
  };
  if (what === null && !ageMatters) return null;
  return (
    <>
      {lead}
      {what === null ? null : <bdi className="detail-what">{what}</bdi>}
      {ageMatters ? (
        <>
          {what === null ? null : dot}
          <Ticking className="age" text={age} />
        </>
      ) : null}
    </>
  );
}

/** The reason of a stop, what is missing, how slowly the machine runs, or its product; `null`: there is nothing to add to the sign's word. */
export function detailOf(
  element: LiveElement,
  sign: MachineSign,
  t: ReturnType<typeof useTranslate>,
  format: Format,
): string | null {
  const { machine } = element;
  if (machine === null) return null;
  const reason = machine.reasonName ?? machine.reason;
  switch (sign.sign) {
    case "slow":
      return sign.rateShare === null ? null : t("detail.slow", { percent: format.percent(sign.rateShare) });
    case "stopNoReason":
      return t("detail.reasonMissing");
    case "minorStop":
      return reason ?? stateWord(machine.state, t);
    case "running":
      return machine.productName ?? machine.product;
    case "noData":
      return null;
    default:
      return reason;
  }
}

const WORDED: ReadonlySet<string> = new Set(["idle", "starved", "blocked", "down"]);

function stateWord(state: string, t: ReturnType<typeof useTranslate>): string | null {
  return WORDED.has(state) ? t(`state.${state}` as "state.idle") : null;
}
