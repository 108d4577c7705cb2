/**
 * Bounds how many wrong passwords of one account are tried within an hour, from all addresses and at all gateways together:
 * 60 from addresses from which its person has not signed in, and 40 from those where they have. So strangers, however many
 * addresses they have, use up the first bound alone, and lock the person out of no place where they usually are. Each attempt is
 * a record of the topic `oee.access` before its password is compared; the order of the topic decides which attempts count.
 */
import type { AccessLog } from "./access-log.ts";
import { networkOf } from "./attempts.ts";
import { digestOf, newSecret } from "./secrets.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX = { strange: 60, known: 40 } as const;
/** An address is forgotten when its person has not signed in from there for so long. */
const PLACE_KEPT_MS = 90 * DAY_MS;
/** Most addresses of a person; a further one takes the place of the oldest. */
const PLACES_MAX = 20;
/** Names that nobody has share so many accounts, so that answers and their time do not tell which names there are. */
const NOBODIES = 64;

type From = keyof typeof MAX;

export interface Attempt {
  readonly id: string;
  /** How long it has to wait (ms); 0: its password may be compared. */
  readonly waitMs: number;
}

export class AccountAttempts {
  readonly #log: AccessLog;
  readonly #clock: () => number;

  constructor(log: AccessLog, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Counts an attempt as wrong until `withdraw`. `person` is `null` where nobody has the name. Throws `LogError`. */
  async begin(person: string | null, name: string, address: string): Promise<Attempt> {
    const account = person ?? nobodyOf(name);
    const from: From = this.#places(account).has(placeOf(address)) ? "known" : "strange";
    const id = `${account}/${from}/${newSecret()}`;
    const waitMs = this.#waitMs(account, from);
    if (waitMs > 0) return { id, waitMs };
    await this.#log.claim("fail", id, { at: this.#clock() });
    const late = this.#waitMs(account, from, id);
    if (late > 0) await this.withdraw(id);
    return { id, waitMs: late };
  }

  /** Removes an attempt whose password was right, or was not compared. Throws `LogError`. */
  async withdraw(id: string): Promise<void> {
    await this.#log.remove("fail", id);
  }

  /** Whether a person's attempts from such an address as this attempt's are used up. */
  isUsedUp({ id }: Attempt): boolean {
    const [account = "", from = ""] = id.split("/");
    return this.#attemptsOf(account, from as From).length >= MAX[from as From];
  }

  /**
   * Notes that a person signed in from an address. Whether they have signed in elsewhere before, and never from its network (of
   * IPv4 24 bits, of IPv6 48). Throws `LogError`.
   */
  async signedIn(person: string, address: string): Promise<boolean> {
    const places = this.#places(person);
    const [place, near, now] = [placeOf(address), nearOf(address), this.#clock()];
    const known = places.get(place);
    const isElsewhere = places.size > 0 && ![...places.values()].some((other) => other.near === near);
    if (known !== undefined && now - known.at < DAY_MS) return false;
    const oldest = [...places].toSorted(([, a], [, b]) => a.at - b.at).map(([id]) => id);
    if (known === undefined)
      for (const id of oldest.slice(0, Math.max(0, places.size + 1 - PLACES_MAX)))
        await this.#log.remove("place", `${person}/${id}`);
    await this.#log.put("place", `${person}/${place}`, { at: now, near });
    return isElsewhere;
  }

  /** Removes the addresses of a person. Throws `LogError`. */
  async forget(person: string): Promise<void> {
    for (const id of this.#places(person).keys()) await this.#log.remove("place", `${person}/${id}`);
  }

  /** Removes attempts and addresses whose time is over. Throws `LogError`. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    for (const [id, { at }] of [...this.#log.all("fail")])
      if (now - Number(at) >= HOUR_MS) await this.#log.remove("fail", id);
    for (const [id, { at }] of [...this.#log.all("place")])
      if (now - Number(at) >= PLACE_KEPT_MS) await this.#log.remove("place", id);
  }

  /** Until when so many attempts are within an hour that a further one may not be (ms from now): all, or those before one. */
  #waitMs(account: string, from: From, before?: string): number {
    const attempts = this.#attemptsOf(account, from, before);
    const first = attempts.at(-MAX[from]);
    return first === undefined ? 0 : Math.max(1, first + HOUR_MS - this.#clock());
  }

  /** The instants of attempts of the last hour, in the order of the topic. */
  #attemptsOf(account: string, from: From, before?: string): readonly number[] {
    const prefix = `${account}/${from}/`;
    const since = this.#clock() - HOUR_MS;
    const found: number[] = [];
    for (const [id, { at }] of this.#log.all("fail")) {
      if (id === before) break;
      if (id.startsWith(prefix) && Number(at) > since) found.push(Number(at));
    }
    return found;
  }

  #places(account: string): ReadonlyMap<string, { readonly at: number; readonly near: string }> {
    const prefix = `${account}/`;
    return new Map(
      [...this.#log.all("place")].flatMap(([id, { at, near }]) =>
        id.startsWith(prefix) ? [[id.slice(prefix.length), { at: Number(at), near: String(near) }] as const] : [],
      ),
    );
  }
}

function nobodyOf(name: string): string {
  return `nobody-${Number.parseInt(digestOf(name.toLowerCase()).slice(0, 8), 16) % NOBODIES}`;
}

function placeOf(address: string): string {
  return digestOf(networkOf(address)).slice(0, 24);
}

/** The network of an address that is still the same place. */
function nearOf(address: string): string {
  return digestOf(networkOf(address).split(/[.:]/).slice(0, 3).join(".")).slice(0, 24);
}
