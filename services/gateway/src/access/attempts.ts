/**
 * Slows down failed sign-ins by pauses of 1 s to 15 min that double, counted by name and address together, so that an
 * attacker who guesses a person's password locks out only their own address; and by address alone, so that one address
 * cannot try many names. Of an IPv6 address the first 64 bits count, because one customer of a provider has all
 * addresses that begin with them. Each gateway counts for itself.
 */
import { isIP } from "node:net";

const FREE_BY_NAME = 5;
const FREE_BY_ADDRESS = 50;
const DELAY_MS_FIRST = 1_000;
const DELAY_MS_MAX = 15 * 60_000;
/** Failures are forgotten this long after the last of them. */
export const FORGOTTEN_AFTER_MS: number = 60 * 60_000;
const KNOWN_MAX = 10_000;

interface Failures {
  count: number;
  last: number;
}

export class Attempts {
  readonly #failures = new Map<string, Failures>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** How long this address has to wait before it may try this name (ms); 0: it may now. */
  waitMs(name: string, address: string): number {
    return Math.max(this.#left(keyOf(name, address), FREE_BY_NAME), this.#left(keyOf("", address), FREE_BY_ADDRESS));
  }

  /** Counts an attempt as failed from its beginning until `succeeded`, so that many attempts at once get no further than one after the other. */
  began(name: string, address: string): void {
    for (const key of [keyOf(name, address), keyOf("", address)]) {
      const count = (this.#known(key)?.count ?? 0) + 1;
      this.#failures.delete(key);
      const [oldest] = this.#failures.keys();
      if (this.#failures.size >= KNOWN_MAX && oldest !== undefined) this.#failures.delete(oldest);
      this.#failures.set(key, { count, last: this.#clock() });
    }
  }

  succeeded(name: string, address: string): void {
    this.#failures.delete(keyOf(name, address));
    this.#takeBack(keyOf("", address));
  }

  /** Neither failed nor succeeded: it is as if it had not begun. */
  withdrew(name: string, address: string): void {
    for (const key of [keyOf(name, address), keyOf("", address)]) this.#takeBack(key);
  }

  #takeBack(key: string): void {
    const failures = this.#failures.get(key);
    if (failures !== undefined) failures.count = Math.max(0, failures.count - 1);
  }

  #left(key: string, free: number): number {
    const failures = this.#known(key);
    if (failures === undefined || failures.count < free) return 0;
    return Math.max(0, failures.last + delayMsAfter(failures.count, free) - this.#clock());
  }

  #known(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    return failures !== undefined && this.#clock() - failures.last < FORGOTTEN_AFTER_MS ? failures : undefined;
  }
}

/** How long to wait after so many failures, the first `free` of which cost nothing (ms). */
export function delayMsAfter(count: number, free: number): number {
  return count < free ? 0 : Math.min(DELAY_MS_MAX, DELAY_MS_FIRST * 2 ** Math.min(20, count - free));
}

function keyOf(name: string, address: string): string {
  return JSON.stringify([name.slice(0, 64).toLowerCase(), networkOf(address)]);
}

/** An IPv4 address as it is, the network of 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = plain.split("::");
  const [first, last] = [head, tail ?? ""].map((groups) => groups.split(":").filter((group) => group !== ""));
  const zeros =
    tail === undefined ? [] : Array.from({ length: 8 - (first?.length ?? 0) - (last?.length ?? 0) }, () => "0");
  const groups = [...(first ?? []), ...zeros, ...(last ?? [])].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}
