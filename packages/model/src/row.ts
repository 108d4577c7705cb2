/** Turns rows into objects, and into numbers in the order of `COMPONENT_NAMES`, which is how engine and store hold them. */
import { COMPONENT_NAMES, type ComponentName, type Components, type Row } from "./components.ts";

/** How many numbers a row has. */
export const WIDTH: number = COMPONENT_NAMES.length;

/** The place of each component among them. */
export const PLACE: Readonly<Record<ComponentName, number>> = eachComponent((_name, place) => place);

/** One value a component, by its name and its place in a row. */
export function eachComponent<T>(of: (name: ComponentName, place: number) => T): Record<ComponentName, T> {
  const values: Partial<Record<ComponentName, T>> = {};
  for (const [place, name] of COMPONENT_NAMES.entries()) values[name] = of(name, place);
  return values as Record<ComponentName, T>;
}

/** What a row says besides its components and its cell. */
export type RowHead = Omit<Row, keyof Components | "from">;

const NOTHING = new Float64Array(WIDTH);

export function emptyRow(head: RowHead, from: number): Row {
  return rowOf(head, from, NOTHING, 0);
}

/** The row whose `WIDTH` numbers begin at `offset`. */
export function rowOf(head: RowHead, from: number, values: Float64Array, offset: number): Row {
  return { ...head, from, ...eachComponent((_name, place) => values[offset + place] as number) };
}

/** Whether rows of one machine and cell have one key. */
export function sameKey(a: RowHead, b: RowHead): boolean {
  return a === b || (a.product === b.product && a.shift === b.shift && a.shiftDate === b.shiftDate);
}

/** Whether rows of one machine have one key and one policy. */
export function sameHead(a: RowHead, b: RowHead): boolean {
  return (
    a === b || (sameKey(a, b) && a.taktUs === b.taktUs && a.costPerHour === b.costPerHour && a.decimals === b.decimals)
  );
}
