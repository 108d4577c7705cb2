/**
 * Answers as flat records: what CSV and Arrow have as columns. Names and values are those of the contract's JSON, whose
 * nested objects are laid flat; nothing is rounded.
 */
import type { Element, Kpis, PublicComponents, StopSegment } from "@oee/model";

export type Column<R> =
  | { readonly name: string; readonly kind: "text"; readonly of: (record: R) => string | null }
  | { readonly name: string; readonly kind: "instant"; readonly of: (record: R) => number }
  | { readonly name: string; readonly kind: "number"; readonly of: (record: R) => number | null }
  | { readonly name: string; readonly kind: "flag"; readonly of: (record: R) => boolean };

const COMPONENTS: readonly (keyof PublicComponents)[] = [
  "runTime",
  "minorStopTime",
  "unplannedStopTime",
  "setupTime",
  "plannedStopTime",
  "notPlannedTime",
  "unknownTime",
  "failureTime",
  "goodCount",
  "scrapCount",
  "reworkCount",
  "idealTime",
  "idealGoodTime",
  "startupLossTime",
  "failureCount",
  "repairCount",
  "repairTime",
  "stopCount",
  "minorStopCount",
];

const KPIS: readonly (keyof Kpis)[] = [
  "availability",
  "performance",
  "quality",
  "oee",
  "nee",
  "teep",
  "loading",
  "mttr",
  "mtbf",
  "unplannedDowntimeShare",
  "downtimeFrequency",
  "meanStopDuration",
  "scrapRatio",
  "reworkRatio",
  "firstPassYield",
  "throughput",
  "coverage",
  "targetCount",
  "downtimeCost",
];

export const ELEMENT_COLUMNS: readonly Column<Element>[] = [
  { name: "scope", kind: "text", of: (element) => element.scope },
  { name: "from", kind: "instant", of: (element) => element.from },
  { name: "to", kind: "instant", of: (element) => element.to },
  { name: "product", kind: "text", of: (element) => element.product },
  { name: "shift", kind: "text", of: (element) => element.shift },
  { name: "shiftDate", kind: "text", of: (element) => element.shiftDate },
  ...COMPONENTS.map((name): Column<Element> => ({ name, kind: "number", of: (element) => element.components[name] })),
  ...KPIS.map((name): Column<Element> => ({ name, kind: "number", of: (element) => element.kpis[name] })),
];

export const STOP_COLUMNS: readonly Column<StopSegment>[] = [
  { name: "machine", kind: "text", of: (segment) => segment.machine },
  { name: "stop", kind: "text", of: (segment) => segment.stop },
  { name: "from", kind: "instant", of: (segment) => segment.from },
  { name: "to", kind: "instant", of: (segment) => segment.to },
  { name: "state", kind: "text", of: (segment) => segment.state },
  { name: "reason", kind: "text", of: (segment) => segment.reason },
  { name: "category", kind: "text", of: (segment) => segment.category },
  { name: "failure", kind: "flag", of: (segment) => segment.failure },
  { name: "minor", kind: "flag", of: (segment) => segment.minor },
  { name: "duration", kind: "number", of: (segment) => segment.duration },
  { name: "scheduledDuration", kind: "number", of: (segment) => segment.scheduledDuration },
  { name: "open", kind: "flag", of: (segment) => segment.open },
  { name: "shift", kind: "text", of: (segment) => segment.shift },
  { name: "shiftDate", kind: "text", of: (segment) => segment.shiftDate },
  { name: "product", kind: "text", of: (segment) => segment.product },
  { name: "correctedBy", kind: "text", of: (segment) => segment.correctedBy },
];
