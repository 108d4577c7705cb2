/** Elements as `GET /kpis` and `GET /losses` answer them in JSON. */
import type { LiveWindow } from "@oee/protocol";

type Kpis = LiveWindow["kpis"];
export type Kpi = keyof Kpis;

interface Answered {
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly product: string | null;
  readonly shift: string | null;
  readonly shiftDate: string | null;
  readonly crew: string | null;
}

export interface Element extends Answered {
  readonly components: LiveWindow["components"];
  readonly kpis: Kpis;
}

export const LOSSES = [
  "breakdowns",
  "otherUnplannedStops",
  "setup",
  "plannedStops",
  "minorStops",
  "reducedSpeed",
  "processDefects",
  "startupLosses",
] as const;
export type Loss = (typeof LOSSES)[number];

export interface LossesElement extends Answered {
  /** The losses (ms); `null`: the scope is not rated. */
  readonly losses: Readonly<Record<Loss | "planned" | "idealGoodTime", number>> | null;
  /** Costs of the losses as decimal texts; `null`: no machine has a cost. */
  readonly lossCosts: Readonly<Partial<Record<Loss, string>>> | null;
  readonly currency: string | null;
}
