/** The tree of a plant file: values, each with its place. */
import type { Place } from "./problem.ts";

export const DEPTH_MAX = 64;

export type Value = Mapping | Sequence | Scalar;

interface ValueBase extends Place {
  /** Values in it, itself included, each as often as aliases repeat it. */
  readonly size: number;
  readonly depth: number;
}

export interface Mapping extends ValueBase {
  readonly kind: "mapping";
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: Value;
}

interface Sequence extends ValueBase {
  readonly kind: "list";
  readonly items: readonly Value[];
}

export interface Scalar extends ValueBase {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written, without quotes: what decimals are rounded from (P-2). */
  readonly source: string;
}

export function scalar({ path, offset }: Place, value: Scalar["value"], source: string): Scalar {
  return { kind: "scalar", path, offset, value, source, size: 1, depth: 1 };
}

export function extent(values: readonly Value[]): { readonly size: number; readonly depth: number } {
  let size = 1;
  let depth = 0;
  for (const value of values) {
    size += value.size;
    depth = Math.max(depth, value.depth);
  }
  return { size, depth: depth + 1 };
}

/** `sites.berlin`; a key that is not plain is quoted: `products."Cola 0.6"`. */
export function joinPath(path: string, key: string): string {
  const segment = /^[\w-]+$/.test(key) ? key : quote(key);
  return path === "" ? segment : `${path}.${segment}`;
}

const QUOTED_LENGTH_MAX = 60;

/** A text as messages show it: quoted, on one line, and no longer than a reader needs to find it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH_MAX ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text);
}
