/**
 * What happens to a simulated plant over months: chapters in which machines fail more often, run faster, are explained worse;
 * incidents of one day; counters that are replaced. Pure: instants come in, factors come out.
 */

/** How a machine differs from its habits; each is a factor, 1 where nothing is said. */
export interface Factors {
  /** Of the running time to the next failure, and of its repair. */
  readonly failureLife: number;
  readonly repair: number;
  /** Of the running time to the next short stop. */
  readonly shortStopEvery: number;
  readonly speed: number;
  /** Of the share of items that are not good the first time. */
  readonly defects: number;
  readonly setup: number;
  /** Share (0 to 1) of the reasons told that say nothing: the tree's node marked `vague`. */
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
  /** It comes little by little, and is whole at `to`; else it is whole all the time. */
  readonly grows?: boolean;
}

/** A breakdown at an instant (epoch ms), or as soon after as the machine runs. */
export interface Incident {
  readonly machine: string;
  readonly at: number;
  readonly minutes: number;
  readonly reason: string;
}

export interface Story {
  readonly chapters: readonly Chapter[];
  readonly incidents: readonly Incident[];
  /** The counter of a machine that reports totals is replaced: its totals begin anew. Epoch ms. */
  readonly countersReplaced: readonly { readonly machine: string; readonly at: number }[];
  /** Products are made in the reverse order of how often, where it is summer (months 5 to 8, UTC). */
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
    const told = this.#chapters.filter(({ from, to }) => at >= from && at < to);
    if (told.length === 0) return USUAL;
    const factors: Record<keyof Factors, number> = { ...USUAL };
    for (const chapter of told) {
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

  /** The next incident, if it has come; it is told once. One that is more than a day old came before the first look. */
  incidentAt(at: number): Incident | null {
    const next = this.#incidents[0];
    if (next === undefined || at < next.at) return null;
    this.#incidents.shift();
    return at - next.at < DAY_MS ? next : null;
  }

  /** Whether the counter was replaced since it was last asked. */
  isReplacedAt(at: number): boolean {
    const next = this.#replaced[0];
    if (next === undefined || at < next) return false;
    this.#replaced.shift();
    return true;
  }
}

const DAY_MS = 86_400_000;

/** Whether the sun makes people drink other things (of the northern half). */
export function isSummer(at: number): boolean {
  const month = new Date(at).getUTCMonth() + 1;
  return month >= 5 && month <= 8;
}
