/** Elements as `GET /kpis` and `GET /losses` answer them in JSON, and the losses in the order of their waterfall. */
import type { ElementAnswer } from "@oee/protocol";

export { type BigLossName as Loss, BIG_LOSS_NAMES as LOSSES } from "@oee/model/losses";
export type { ElementAnswer as Element, LossesAnswer as LossesElement } from "@oee/protocol";

export type Kpi = keyof ElementAnswer["kpis"];
