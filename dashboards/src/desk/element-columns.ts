/** Columns of elements, for tables and CSV. */
import { serverNow } from "../shared/api/server-time.ts";
import type { Element } from "./data/rows.ts";
import type { Desk } from "./desk-context.ts";
import { labelOf, type MeasureName, MEASURES, textOf } from "./measures.ts";
import type { Column } from "./table/column.ts";

export function measureColumns(desk: Desk, names: readonly MeasureName[]): readonly Column<Element>[] {
  return names.map((name) => ({
    name,
    label: desk.t(labelOf(name)),
    value: (element) => MEASURES[name].of(element),
    text: (element) => textOf(MEASURES[name], MEASURES[name].of(element), desk),
    numeric: true,
  }));
}

export function instantColumn<R>(desk: Desk, name: "from" | "to", of: (row: R) => string): Column<R> {
  const { format, scope, t } = desk;
  return {
    name,
    label: t(`column.${name}`),
    value: of,
    text: (row) => format.instant(Date.parse(of(row)), Date.now(), scope.timezone),
  };
}

/** An instant in the local time of a machine's site; the zone is named where it is not that of the chosen scope. */
export function instantAt({ format, plant, scope }: Desk, at: string, machine: string): string {
  const zone = plant.scope(machine)?.timezone ?? scope.timezone;
  const text = format.instant(Date.parse(at), serverNow(), zone);
  return zone === scope.timezone ? text : `${text} (${zone})`;
}

export function scopeColumn(desk: Desk): Column<Element> {
  return {
    name: "scope",
    label: desk.t("column.scope"),
    value: ({ scope }) => scope,
    text: ({ scope }) => nameOf(desk, scope),
  };
}

/** A scope's name, preceded by the names of those above it up to the chosen scope. */
export function nameOf({ plant, scope }: Pick<Desk, "plant" | "scope">, path: string): string {
  const found = plant.scope(path);
  if (found === undefined) return path;
  const above = plant
    .ancestors(path)
    .filter(
      (each) =>
        each.path.length > scope.path.length && each.path.startsWith(scope.path === "*" ? "" : `${scope.path}/`),
    );
  return [...above.map(({ name }) => name), found.name].join(" › ");
}
