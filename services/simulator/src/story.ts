/**
 * What happens to a simulated plant over months: chapters in which machines fail more often, run faster or get vaguer
 * reasons; single breakdowns; counters that are replaced. It knows no clock: instants come in, factors come out.
 */

/** Factors by which a machine differs from its habits; 1 where a chapter names none. */
export interface Factors {
  /** Factors of the running time to the next failure, and of the length of its repair. */
  readonly failureLife: number;
  readonly repair: number;
  /** Factor of the running time to the next short stop. */
  readonly shortStopEvery: number;
  readonly speed: number;
  /** Factor of the share of items that are not good the first time. */
  readonly defects: number;
  readonly setup: number;
  /** Share (0 to 1) of reasons that are the tree's node marked `vague`; no factor, 0 where a chapter names none. */
  readonly vague: number;
}

const USUAL: Factors = { failureLife: 1, repair: 1, shortStopEvery: 1, speed: 1, defects: 1, setup: 1, vague: 0 };
const NAMES = Object.keys(USUAL) as readonly (keyof Factors)[];

export interface Chapter extends Partial<Factors> {
  /** Path of a machine, or of a part of the plant. */
  readonly scope: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** The factors grow from 1 at `from` to their whole value at `to`; else they are whole all the time. */
  readonly grows?: boolean;
}

/** A breakdown at an instant (epoch ms); where the machine stands then, as soon as it runs again. */
export interface Incident {
  readonly machine: string;
  readonly at: number;
  readonly minutes: number;
  readonly reason: string;
}

export interface Story {
  readonly chapters: readonly Chapter[];
  readonly incidents: readonly Incident[];
  /** At these instants (epoch ms) a machine that reports totals gets a new counter: its totals begin at 0. */
  readonly countersReplaced: readonly { readonly machine: string; readonly at: number }[];
  /** Whether in summer the rarest product is made most, and the most frequent least. */
  readonly seasons: boolean;
}

export const NO_STORY: Story = { chapters: [], incidents: [], countersReplaced: [], seasons: false };

/** The part of a story that is one machine's. Instants must not go back. */
export class MachineStory {
  readonly #chapters: readonly Chapter[];
  readonly #incidents: Incident[];
  readonly #replaced: number[];

  constructor(story: Story, machine: string) {
    this.#chapters = story.chapters.filter(({ scope }) => machine === scope || machine.startsWith(`${scope}/`));
    this.#incidents = story.incidents
      .filter((incident) => incident.machine === machine)
      .toSorted((a, b) => a.at - b.at);
    this.#replaced = story.countersReplaced
      .filter((replaced) => replaced.machine === machine)
      .map(({ at }) => at)
      .toSorted((a, b) => a - b);
  }

  factorsAt(at: number): Factors {
    const current = this.#chapters.filter(({ from, to }) => at >= from && at < to);
    if (current.length === 0) return USUAL;
    const factors: Record<keyof Factors, number> = { ...USUAL };
    for (const chapter of current) {
      const part = chapter.grows === true ? (at - chapter.from) / (chapter.to - chapter.from) : 1;
      for (const name of NAMES) {
        const value = chapter[name];
        if (value === undefined) continue;
        if (name === "vague") factors.vague = Math.max(factors.vague, value * part);
        else factors[name] *= 1 + (value - 1) * part;
      }
    }
    return factors;
  }

  /** The next incident whose instant has come, given once. One that is more than a day old is dropped: it lies before the simulation. */
  takeIncident(at: number): Incident | null {
    const next = this.#incidents[0];
    if (next === undefined || at < next.at) return null;
    this.#incidents.shift();
    return at - next.at < DAY_MS ? next : null;
  }

  /** Whether the counter was replaced by this instant; each replacement is given once. */
  takeReplacement(at: number): boolean {
    const next = this.#replaced[0];
    if (next === undefined || at < next) return false;
    this.#replaced.shift();
    return true;
  }
}

const DAY_MS = 86_400_000;

/** Whether an instant (epoch ms) is in summer of the northern hemisphere: UTC months 5 to 8. */
export function isSummer(at: number): boolean {
  const month = new Date(at).getUTCMonth() + 1;
  return month >= 5 && month <= 8;
}
