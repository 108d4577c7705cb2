/**
 * The layout of rows: a digest of the components' names in the order in which a row holds them. Checkpoints and live
 * records carry it, so that a release with other components, or another order, never reads one component as another.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { COMPONENT_NAMES } from "./components.ts";

/** 64 bits: layouts are few. */
const DIGITS = 16;

/** The digest of components' names in an order, 16 hexadecimal digits. */
export function layoutOf(names: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(names.join(" ")))).slice(0, DIGITS);
}

/** The layout of this release's rows. */
export const ROW_LAYOUT: string = layoutOf(COMPONENT_NAMES);

/** The layout of release 0.1.0's rows, whose live records carry no digest. */
export const FIRST_LAYOUT = "bb6f6528a2d0e3db";
