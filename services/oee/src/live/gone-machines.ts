/**
 * Machines that have history and that the plant file does not name any more (DI-3). Their rows stay and count for the past;
 * but a machine that was only moved or renamed has lost it, until `formerly` says so.
 */
import { formatInstant, nearestOf, type Plant } from "@oee/model";
import type { Store } from "@oee/store";

export interface GoneMachine {
  /** What its history is kept under. */
  readonly id: string;
  /** Its newest event (epoch ms). */
  readonly last: number;
  /** A machine without history that it may have become; `null`: there is none. */
  readonly became: string | null;
}

/** In order of their ids. Throws `StoreError`. */
export async function goneMachines(store: Pick<Store, "assetsSeen">, plant: Plant): Promise<readonly GoneMachine[]> {
  const seen = (await store.assetsSeen()).filter(({ declared }) => declared);
  const present = new Set(plant.machines.map(({ id }) => id));
  const heard = new Set(seen.map(({ machine }) => machine));
  const fresh = plant.machines.filter(({ id }) => !heard.has(id)).map(({ path }) => path);
  return seen
    .filter(({ machine }) => !present.has(machine))
    .map(({ machine: id, last }) => ({ id, last, became: plant.machineById.get(id)?.path ?? nearestOf(id, fresh) }));
}

/** Most machines that the line names; of others it says how many they are. */
const LISTED_MAX = 20;

/** A line of the log, or of the output of `oee check`, about machines that the plant file lacks. */
export function goneMachinesText(gone: readonly GoneMachine[], plant: Plant): string {
  const listed = gone.slice(0, LISTED_MAX).map(({ id, last, became }) => {
    const until = `${id} (until ${formatInstant(last)})`;
    if (became === null) return until;
    const known = plant.machineById.get(id);
    if (known === undefined) return `${until}; if it is ${became} now, write formerly: ${id} there`;
    const list = [...known.formerly.filter((path) => path !== id), id].join(", ");
    return `${until}; ${became} names it, but not last: write formerly: [${list}]`;
  });
  const more = gone.length > LISTED_MAX ? `, and ${gone.length - LISTED_MAX} more` : "";
  return `the plant file lacks machines that have history: ${listed.join(", ")}${more}`;
}
