/** The fields of each type of entry (RE-1) that the desk's forms have, in order, by their names in the API. */
import type { DeskKey } from "../texts/texts.ts";

export const ENTERED = ["action", "pilot", "target", "baseline"] as const;
export type Entered = (typeof ENTERED)[number];

export type FieldKind =
  | "text"
  | "scope"
  | "scopes"
  | "measure"
  | "measures"
  | "date"
  | "whole"
  | "money"
  /** A goal: a number, or a text such as `+5%` (TG-1). */
  | "goal"
  | "path"
  /** KPIs from books, where the baseline is not computed (BL-3). */
  | "figures";

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required?: true;
  /** The least whole number that the field takes. */
  readonly least?: number;
  /** The value that holds where the field stays empty. */
  readonly otherwise?: string;
}

const COSTS: readonly Field[] = [
  { name: "investment", kind: "money" },
  { name: "runningCostPerYear", kind: "money" },
];
const NOTE: Field = { name: "note", kind: "text" };

export const FIELDS: Readonly<Record<Entered, readonly Field[]>> = {
  action: [
    { name: "title", kind: "text", required: true },
    { name: "scope", kind: "scope", required: true },
    { name: "addresses", kind: "measure", required: true },
    { name: "owner", kind: "text" },
    { name: "opened", kind: "date" },
    { name: "due", kind: "date" },
    { name: "started", kind: "date" },
    { name: "done", kind: "date" },
    { name: "cancelled", kind: "date" },
    { name: "controls", kind: "scopes" },
    { name: "weeks", kind: "whole", least: 1, otherwise: "8" },
    ...COSTS,
    NOTE,
  ],
  pilot: [
    { name: "scopes", kind: "scopes", required: true },
    { name: "controls", kind: "scopes" },
    { name: "measures", kind: "measures", required: true },
    { name: "start", kind: "date", required: true },
    { name: "warmUp", kind: "whole", least: 0, otherwise: "14" },
    { name: "before", kind: "whole", least: 6, otherwise: "12" },
    { name: "after", kind: "whole", least: 6, otherwise: "12" },
    ...COSTS,
    NOTE,
  ],
  target: [
    { name: "scope", kind: "scope", required: true },
    { name: "measure", kind: "measure", required: true },
    { name: "value", kind: "goal", required: true },
    { name: "from", kind: "date" },
    { name: "due", kind: "date" },
    { name: "until", kind: "date" },
    { name: "over", kind: "whole", least: 7, otherwise: "28" },
    { name: "path", kind: "path" },
    NOTE,
  ],
  baseline: [
    { name: "scope", kind: "scope", required: true },
    { name: "from", kind: "date", required: true },
    { name: "to", kind: "date", required: true },
    { name: "effective", kind: "date" },
    { name: "source", kind: "text" },
    { name: "figures", kind: "figures" },
    NOTE,
  ],
};

export function fieldLabel(type: Entered, name: string): DeskKey {
  if (name === "from" && type === "baseline") return "field.firstDay";
  if (name === "to") return "field.dayAfter";
  if (name === "measures") return "column.measure";
  return FIELD_LABELS[name] ?? "present.note";
}

const FIELD_LABELS: Readonly<Record<string, DeskKey>> = {
  title: "column.title",
  scope: "column.scope",
  scopes: "column.scope",
  controls: "field.controls",
  measure: "column.measure",
  addresses: "column.addresses",
  owner: "field.owner",
  opened: "field.opened",
  due: "field.due",
  started: "field.started",
  done: "field.done",
  cancelled: "field.cancelled",
  weeks: "field.weeks",
  investment: "field.investment",
  runningCostPerYear: "field.runningCostPerYear",
  note: "present.note",
  start: "field.start",
  warmUp: "field.warmUp",
  before: "field.before",
  after: "field.after",
  value: "column.goal",
  from: "field.from",
  until: "field.until",
  over: "field.over",
  path: "field.path",
  effective: "field.effective",
  source: "field.source",
  figures: "field.figures",
};
