/** Turns the fields of a form into a revision of an entry, and back. A revision is whole: fields that the form does not know are kept (RE-1). */
import { OEE_RATIOS } from "@oee/model/kpis";
import { type Entered, type Field, FIELDS } from "./fields.ts";
import { type Goal, goalIn, goalValue } from "./goal.ts";
import { plainText } from "./plain-text.ts";

export type Raw = Readonly<Record<string, unknown>>;

/** The values of a form's fields by name: texts, lists of texts, or a goal. */
export type FormValues = Readonly<Record<string, string | readonly string[] | Goal>>;

/** Fields that the server adds, or that each revision has of its own. */
const OF_THE_REVISION: ReadonlySet<string> = new Set(["at", "by", "rev", "frozen", "withdrawn"]);

/** The values that the form begins with: those of an entry, or of a new one of `scope`. */
export function valuesOf(type: Entered, raw: Raw | null, scope: string): FormValues {
  const values: Record<string, string | readonly string[] | Goal> = {};
  for (const { name, kind } of FIELDS[type]) {
    const value = raw?.[name];
    if (kind === "scopes" || kind === "measures") values[name] = Array.isArray(value) ? value.map(String) : [];
    else if (kind === "goal") values[name] = goalIn(value, plainText(raw?.["measure"]));
    else if (kind === "figures") {
      const kpis = (value as { readonly kpis?: Raw } | undefined)?.kpis;
      // The form shows these KPIs in percent.
      for (const kpi of OEE_RATIOS) {
        const figure = kpis?.[kpi];
        values[kpi] = typeof figure === "number" ? String(Number((figure * 100).toPrecision(14))) : "";
      }
    } else values[name] = plainText(value);
  }
  if (raw === null && "scope" in values) values["scope"] = scope;
  if (raw === null && type === "pilot") values["scopes"] = scope === "*" ? [] : [scope];
  return values;
}

/** The revision that a form makes of an entry (`null`: a new one), without `by`. */
export function bodyOf(type: Entered, id: string, raw: Raw | null, values: FormValues, currency: string | null): Raw {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw ?? {})) if (!OF_THE_REVISION.has(name)) body[name] = value;
  for (const field of FIELDS[type]) {
    const value = field.kind === "figures" ? figuresOf(values, raw) : valueOf(field, values);
    if (value === null) delete body[field.name];
    else body[field.name] = value;
  }
  if (currency !== null && ("investment" in body || "runningCostPerYear" in body)) body["currency"] = currency;
  return { ...body, type, id, rev: revOf(raw) + 1 };
}

/** The revision that withdraws or reinstates an entry; nothing is deleted. */
export function withdrawnBody(type: Entered, raw: Raw, withdrawn: boolean): Raw {
  const kept = Object.entries(raw).filter(([name]) => !OF_THE_REVISION.has(name));
  return { ...Object.fromEntries(kept), type, rev: revOf(raw) + 1, ...(withdrawn ? { withdrawn: true } : {}) };
}

export function revOf(raw: Raw | null): number {
  return raw === null ? 0 : Number(raw["rev"] ?? 1);
}

function valueOf({ name, kind }: Field, values: FormValues): unknown {
  const value = values[name] ?? "";
  if (kind === "goal") return goalValue(value as Goal, plainText(values["measure"]));
  if (Array.isArray(value)) {
    const chosen = value.filter((each) => each !== "");
    return chosen.length === 0 ? null : chosen;
  }
  const text = plainText(value).trim();
  if (text === "") return null;
  // A text that is no number is sent as it is, for the server to refuse.
  return (kind === "whole" || kind === "money") && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The figures of a baseline; those of a kind that the form does not show stay as they are. */
function figuresOf(values: FormValues, raw: Raw | null): unknown {
  const former = raw?.["figures"] as { readonly kpis?: Raw } | undefined;
  if (former !== undefined && former.kpis === undefined) return former;
  const kpis: Record<string, unknown> = { ...former?.kpis };
  for (const kpi of OEE_RATIOS) {
    const text = plainText(values[kpi]).trim();
    if (text === "") delete kpis[kpi];
    else kpis[kpi] = Number.isFinite(Number(text)) ? Number((Number(text) / 100).toPrecision(14)) : text;
  }
  return Object.keys(kpis).length === 0 ? null : { kpis };
}
