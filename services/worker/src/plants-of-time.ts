/**
 * By which plant file each time of a machine is recomputed (DI-3): that which made its stored rows, so that what comes late, or is
 * corrected, of a time before the plant file changed does not restate that time by the file of now. The file of now computes minutes
 * without stored rows before all others, such as imported history, and those of a file that is not kept, is refused, or lacks the machine.
 */
import { type MachineModel, PlantModel } from "@oee/engine";
import { EventDecoder, type ParsePlant, parsePlantHere, type Plant } from "@oee/model";
import type { Store } from "@oee/store";
import type { CurrentPlant } from "./current-plant.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerSettings } from "./settings.ts";

/** A time `[from, to)` (epoch ms) of one machine, and the version of the plant file that computes it. */
export interface PlantTime {
  readonly from: number;
  readonly to: number;
  readonly version: string;
}

/** What a plant file makes of one machine's events. */
export interface MachineByPlant {
  readonly model: MachineModel;
  readonly decoder: EventDecoder;
}

export interface PlantsOfTimeParts {
  readonly store: Pick<Store, "plantSpans" | "plantFile">;
  readonly current: CurrentPlant;
  readonly settings: WorkerSettings;
  /** Beside the event loop, where it may take long; without it, by `parsePlantHere`. */
  readonly parsePlant?: ParsePlant;
}

interface Former {
  readonly plant: Plant;
  readonly model: PlantModel;
  readonly decoder: EventDecoder;
}

/** So many plant files of before are held at once: a large one takes tens of megabytes. */
const FORMER_MAX = 2;

export class PlantsOfTime {
  readonly #parts: PlantsOfTimeParts;
  /** By version, that used last at the end. */
  readonly #former = new Map<string, Former>();
  /** Versions of files that are kept and read as they were. */
  readonly #usable = new Set<string>();

  constructor(parts: PlantsOfTimeParts) {
    this.#parts = parts;
  }

  /** One after the other, from `-Infinity` to `Infinity`; the last is of the plant file of now. Throws `StoreError`. */
  async timesOf({ id, model, engine }: MachineRunner): Promise<readonly PlantTime[]> {
    const now = model.plant.version;
    const spans = await this.#parts.store.plantSpans(id);
    const begins: Omit<PlantTime, "to">[] = [{ from: -Infinity, version: now }];
    for (const { version, from } of spans)
      begins.push({ from, version: (await this.#isUsable(version)) ? version : now });
    // The live engine's rows are of the file of now, but those of its last minutes may not be stored yet.
    const nowFrom = engine.plantFrom > -Infinity ? engine.plantFrom : (spans.at(-1)?.to ?? -Infinity);
    if (engine.plantFrom > -Infinity || begins.at(-1)?.version !== now) {
      while ((begins.at(-1)?.from ?? -Infinity) >= nowFrom) begins.pop();
      begins.push({ from: nowFrom, version: now });
    }
    const times: PlantTime[] = [];
    for (const [i, begin] of begins.entries()) {
      const to = begins[i + 1]?.from ?? Infinity;
      const last = times.at(-1);
      if (last?.version === begin.version) times[times.length - 1] = { ...last, to };
      else times.push({ ...begin, to });
    }
    return times;
  }

  /** Throws `StoreError`. */
  async machineBy({ id, model }: MachineRunner, { version }: PlantTime): Promise<MachineByPlant> {
    const former = version === model.plant.version ? null : await this.#formerOf(version);
    const machine = former?.plant.machineById.get(id);
    if (former === null || machine?.id !== id) return { model, decoder: this.#parts.current.decoder };
    return { model: former.model.machine(machine), decoder: former.decoder };
  }

  /** Lets go of plant files of before. */
  forget(): void {
    this.#former.clear();
  }

  async #isUsable(version: string): Promise<boolean> {
    if (version === this.#parts.current.plant.version || this.#usable.has(version)) return true;
    return (await this.#formerOf(version)) !== null;
  }

  async #formerOf(version: string): Promise<Former | null> {
    const former = this.#former.get(version) ?? (await this.#read(version));
    if (former === null) return null;
    this.#usable.add(version);
    this.#former.delete(version);
    this.#former.set(version, former);
    for (const oldest of this.#former.keys()) if (this.#former.size > FORMER_MAX) this.#former.delete(oldest);
    return former;
  }

  async #read(version: string): Promise<Former | null> {
    const { store, settings, parsePlant: parse = parsePlantHere } = this.#parts;
    const file = await store.plantFile(version);
    const plant = file === null ? null : await parse(file.text);
    // Other rules of time zones make another version of the same text.
    if (plant?.version !== version) return null;
    return { plant, model: new PlantModel(plant), decoder: new EventDecoder(plant, settings) };
  }
}
