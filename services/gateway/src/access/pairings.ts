/**
 * Pairing of displays that have no keyboard: the display shows a short code, an administrator confirms the code with the scopes
 * of the display, and the display, which alone has the secret of the pairing, gets its token in a cookie.
 */
import { randomInt } from "node:crypto";
import type { AccessLog, AccessValue } from "./access-log.ts";
import { digestOf, newSecret } from "./secrets.ts";

/** Letters and digits without those that look alike, such as O and 0. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789";
const CODE_LENGTH = 8;
const VALID_MS = 15 * 60_000;
const OPEN_MAX = 200;

export interface Confirmed {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires: number | null;
  readonly by: string;
}

export class Pairings {
  readonly #log: AccessLog;
  readonly #clock: () => number;

  constructor(log: AccessLog, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Begins a pairing; `null`: too many wait to be confirmed. */
  async begin(): Promise<{ readonly code: string; readonly secret: string; readonly validSeconds: number } | null> {
    const open = [...this.#log.all("pairing")];
    for (const [id, pairing] of open) if (!this.#isOpen(pairing)) await this.#log.remove("pairing", id);
    if (this.#log.all("pairing").size >= OPEN_MAX) return null;
    const secret = newSecret();
    const code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    await this.#log.put("pairing", digestOf(secret), { code, until: this.#clock() + VALID_MS, confirmed: null });
    return { code: `${code.slice(0, 4)}-${code.slice(4)}`, secret, validSeconds: VALID_MS / 1_000 };
  }

  /** The pairing of a display by its secret; `null`: there is none, or it has expired. */
  stateOf(secret: string): { readonly id: string; readonly confirmed: Confirmed | null } | null {
    const id = digestOf(secret);
    const pairing = this.#log.get("pairing", id);
    if (pairing === undefined || !this.#isOpen(pairing)) return null;
    return { id, confirmed: pairing["confirmed"] as Confirmed | null };
  }

  /** Confirms the pairing of a code, once `tell` has told the audit; `false`: no display shows this code. */
  async confirm(code: string, confirmed: Confirmed, tell: () => Promise<void>): Promise<boolean> {
    const plain = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
    for (const [id, pairing] of this.#log.all("pairing")) {
      if (pairing["code"] !== plain || !this.#isOpen(pairing) || pairing["confirmed"] !== null) continue;
      await tell();
      await this.#log.put("pairing", id, { ...pairing, confirmed });
      return true;
    }
    return false;
  }

  async done(id: string): Promise<void> {
    await this.#log.remove("pairing", id);
  }

  #isOpen(pairing: AccessValue): boolean {
    return Number(pairing["until"]) > this.#clock();
  }
}
