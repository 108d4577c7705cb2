/**
 * Which reasons of the plant's tree fit which kind of stop, and which of them a machine tends to have.
 * Only leaves are given, and only where they leave the stop what it is: a breakdown never gets a reason that
 * makes it a setup. A tree without a fitting leaf means stops without reasons.
 */
import { type Plant, type ReasonTree, resolveReason, type StateName } from "@oee/model";
import { RandomStream } from "./random-stream.ts";

/** The paths of the leaves of the tree, in its order. */
function leavesOf(tree: ReasonTree, prefix = ""): string[] {
  return [...tree.children].flatMap(([name, node]) =>
    node.children.size === 0 ? [prefix + name] : leavesOf(node, `${prefix}${name}/`),
  );
}

/** The leaves that fit each state, for `ReasonChoice`. */
export type FittingReasons = ReadonlyMap<StateName, readonly string[]>;

export function fittingReasons(plant: Plant): FittingReasons {
  const fitting = new Map<StateName, string[]>();
  const add = (state: StateName, path: string): void => {
    const paths = fitting.get(state);
    if (paths === undefined) fitting.set(state, [path]);
    else paths.push(path);
  };
  const vague = vagueReason(plant);
  for (const path of leavesOf(plant.reasons)) {
    if (path === vague) continue;
    const { category, failure } = resolveReason(plant.reasons, path);
    if (category === "setup") add("setup", path);
    else if (category === "notPlanned") add("no-demand", path);
    else if (category === "plannedStop") add(/clean|hygien|wash/i.test(path) ? "cleaning" : "maintenance", path);
    else {
      // A leaf named `starved` or `blocked` is the reason of exactly that state, which the machine reports by itself.
      const waits = /(?:^|\/)(starved|blocked)$/.exec(path)?.[1] as "starved" | "blocked" | undefined;
      add(waits ?? (failure === true ? "down" : "idle"), path);
    }
  }
  return fitting;
}

/** The first reason at the top of the tree that is marked `vague`, such as "other"; `null`: there is none. */
export function vagueReason(plant: Plant): string | null {
  for (const [name, { vague }] of plant.reasons.children) if (vague === true) return name;
  return null;
}

export class ReasonChoice {
  readonly #favourites: ReadonlyMap<StateName, readonly string[]>;
  readonly #random: RandomStream;
  readonly #vague: string | null;

  /** `machine`: its id; each machine has favourites of its own, so that Paretos differ. */
  constructor(seed: string | number, machine: string, fitting: FittingReasons, vague: string | null = null) {
    this.#vague = vague;
    this.#random = new RandomStream(seed, machine, "reasons");
    this.#favourites = new Map([...fitting].map(([state, paths]) => [state, this.#random.shuffled(paths)]));
  }

  /**
   * A reason for a stop of this state, or `null` where the tree has none. With probability `vagueShare` (0 to 1) it is the
   * vague one, if there is one.
   */
  pick(state: StateName, vagueShare = 0): string | null {
    if (vagueShare > 0 && this.#vague !== null && this.#random.chance(vagueShare)) return this.#vague;
    const paths = this.#favourites.get(state);
    return paths?.[this.#random.rank(paths.length)] ?? null;
  }
}
