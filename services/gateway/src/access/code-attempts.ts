/**
 * Slows down the guessing of second factors' codes, counted by person and at all gateways together: each try is a record of the
 * topic `oee.access` before its code is compared, and the order of the topic decides which tries count, however many
 * gateways are asked at once. Who gets here has the person's password, so that nobody else is kept out by the count.
 */
import type { AccessLog } from "./access-log.ts";
import { delayMsAfter, FORGOTTEN_AFTER_MS } from "./attempts.ts";
import { newSecret } from "./secrets.ts";

const FREE = 5;
/** Most tries of a person that are kept: more than it takes to the longest wait. */
const KEPT_MAX = 64;

interface Counted {
  /** How many tries counted since the last right code. */
  readonly count: number;
  /** When the last of them was (epoch ms). */
  readonly last: number;
}

type Try = readonly [id: string, at: number];

const NONE: Counted = { count: 0, last: -Infinity };

export class CodeAttempts {
  readonly #log: AccessLog;
  readonly #clock: () => number;

  constructor(log: AccessLog, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** How long a person has to wait before they may try a code (ms); 0: they may now. */
  waitMs(person: string): number {
    return waitMsAfter(this.#countedOf(person), this.#clock());
  }

  /** Whether the last wrong try of a person is the first after which one has to wait. */
  isFirstWait(person: string): boolean {
    return this.#countedOf(person).count === FREE;
  }

  /** Counts a try of a person. How long it has to wait (ms), since others came before it; 0: its code may be compared. Throws `LogError`. */
  async begin(person: string): Promise<number> {
    const id = `${person}/${newSecret()}`;
    const at = this.#clock();
    await this.#log.claim("try", id, { at });
    const waitMs = waitMsAfter(this.#countedOf(person, id), at);
    // It does not count at any gateway.
    if (waitMs > 0) await this.#log.remove("try", id);
    return waitMs;
  }

  /** Forgets the tries of a person, after a right code. Throws `LogError`. */
  async succeeded(person: string): Promise<void> {
    for (const [id] of this.#triesOf(person)) await this.#log.remove("try", id);
  }

  /** Removes tries that are forgotten, and of the others so many that the longest wait stays. Throws `LogError`. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    const byPerson = new Map<string, Try[]>();
    for (const [id, { at }] of this.#log.all("try")) {
      const tries = byPerson.get(personOf(id));
      if (tries === undefined) byPerson.set(personOf(id), [[id, Number(at)]]);
      else tries.push([id, Number(at)]);
    }
    for (const tries of byPerson.values()) {
      const isForgotten = tries.every(([, at]) => now - at >= FORGOTTEN_AFTER_MS);
      for (const [id] of tries.slice(0, isForgotten ? tries.length : Math.max(0, tries.length - KEPT_MAX)))
        await this.#log.remove("try", id);
    }
  }

  /** The tries of a person that count, in the order of the topic: all, or those before one. A try that had to wait does not count. */
  #countedOf(person: string, before?: string): Counted {
    let counted = NONE;
    for (const [id, at] of this.#triesOf(person)) {
      if (id === before) break;
      if (at - counted.last >= FORGOTTEN_AFTER_MS) counted = NONE;
      // Clocks of gateways differ a little.
      if (waitMsAfter(counted, at) === 0) counted = { count: counted.count + 1, last: Math.max(counted.last, at) };
    }
    return counted;
  }

  #triesOf(person: string): readonly Try[] {
    return [...this.#log.all("try")].flatMap(([id, { at }]): Try[] =>
      personOf(id) === person ? [[id, Number(at)]] : [],
    );
  }
}

/** Whose try it is; what follows the last slash is random. */
function personOf(id: string): string {
  return id.slice(0, id.lastIndexOf("/"));
}

function waitMsAfter({ count, last }: Counted, at: number): number {
  const delayMs = delayMsAfter(count, FREE);
  return delayMs === 0 || at - last >= FORGOTTEN_AFTER_MS ? 0 : Math.max(0, last + delayMs - at);
}
