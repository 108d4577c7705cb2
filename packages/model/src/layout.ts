/**
 * Which component each number of a row is. Numbers that leave a process (checkpoints, live records) carry this digest, so
 * that another release, whose components are others or stand in another order, never takes one for another.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { COMPONENT_NAMES } from "./components.ts";

/** 64 bits: layouts are few. */
const DIGITS = 16;

/** The digest of components in an order. */
export function layoutOf(names: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(names.join(" ")))).slice(0, DIGITS);
}

/** Of the rows of this release. */
export const ROW_LAYOUT: string = layoutOf(COMPONENT_NAMES);

/** Of the rows of release 0.1.0, whose live records carry no digest. */
export const FIRST_LAYOUT = "bb6f6528a2d0e3db";
