/**
 * `oee verify`: recomputes rows and stops from stored raw events and compares them with those stored. It writes NDJSON:
 *
 * - a row or stop that differs: `{machine, minute, product, shift, shiftDate, stored, recomputed}`;
 * - what is stored of a time or a machine without raw events: `{machine, rows, stops, from, to, found}`.
 *
 * Exit code 1 when there is any of these, unless `--repair` mended it.
 */
import { PlantModel } from "@oee/engine";
import { formatInstant, type Machine, type Plant } from "@oee/model";
import type { Inventory, Store } from "@oee/store";
import { type Command, Option } from "commander";
import { Failure } from "../failure.ts";
import { type AuditedCommand, withAudit } from "../live/audited-command.ts";
import { expectDataFolder, loggerOf, openStoreOf } from "../live/connections.ts";
import { type Recomputed, recomputeMachine } from "../live/recompute-machine.ts";
import { applySettingsFile, type CommonSettings } from "../live/settings.ts";
import { machinesBelow, nothingStored, type SpanSettings, spanOf, spanOptions, tellGone } from "../live/stored-span.ts";
import { tellDeadLetters } from "../live/tell-dead-letters.ts";
import { type Compared, compare, mend } from "../live/verification.ts";
import { verifyReviewTables } from "../live/verify-review.ts";
import { whoRuns } from "../live/who-runs.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { zonesOf } from "../zone-folder.ts";

/** Beyond this, more lines tell no more. */
const SHOWN_MAX = 10_000;
/** Later than any event that is valid (DI-2). */
const LATEST = Date.UTC(2100, 0, 1);

interface VerifySettings extends CommonSettings, SpanSettings {
  readonly repair?: boolean;
  readonly by?: string;
  readonly note?: string;
}

export function define(command: Command): void {
  spanOptions(
    command
      .description("Recomputes from stored raw events and reports every stored row or stop that differs.")
      .option("--repair", "write what differs as it was recomputed, and say so in the audit trail")
      .addOption(new Option("--by <name>", "who repairs, for the audit trail (default: the user's name)"))
      .option("--note <text>", "why, for the audit trail"),
  ).action(async () => {
    applySettingsFile(command);
    await verify(command.opts<VerifySettings>());
  });
}

async function verify(settings: VerifySettings): Promise<void> {
  expectDataFolder(settings);
  const plant = await plantFromFile(settings.plant ?? demoPlantFile(), zonesOf(settings));
  const machines = machinesBelow(plant, settings.scope);
  const store = await openStoreOf(settings);
  const verification = new Verification(store, plant, settings);
  try {
    await store.migrate();
    if (settings.repair !== true) await verification.run(machines);
    else {
      const { scope, note = null } = settings;
      const { from, to } = spanOf(settings);
      await withAudit(settings, store, loggerOf(settings), settings.by, async (audited) => {
        const after = { from: formatInstant(from), to: formatInstant(to), plantVersion: plant.version, note };
        await audited.tell({ kind: "repair", scope, before: null, after });
        await verification.run(machines, audited);
      });
    }
  } finally {
    await store.close();
  }
  await tellDeadLetters(settings, plant, machines, spanOf(settings));
  verification.conclude(machines);
}

/** A piece that ends less than this ago may still be written. */
const NOW_MS = 120_000;
const NOW_COMPARED_MAX = 4;

class Verification {
  readonly #store: Store;
  readonly #plant: Plant;
  readonly #settings: VerifySettings;
  readonly #span: { readonly from: number; readonly to: number };
  readonly #model: PlantModel;
  readonly #knownPlants = new Map<string, boolean>();
  readonly #otherPlants = new Map<string, number>();
  #compared = 0;
  #differing = 0;
  #mended = 0;

  constructor(store: Store, plant: Plant, settings: VerifySettings) {
    this.#store = store;
    this.#plant = plant;
    this.#settings = settings;
    this.#span = spanOf(settings);
    this.#model = new PlantModel(plant);
  }

  /** `audited`: of a repair. */
  async run(machines: readonly Machine[], audited: AuditedCommand | null = null): Promise<void> {
    for (const machine of machines) await this.#machine(machine);
    if (this.#settings.scope === "*") {
      await this.#unknownMachines();
      const report = (difference: Readonly<Record<string, unknown>>): void => this.#report(difference);
      const { repair = false } = this.#settings;
      this.#mended += await verifyReviewTables(this.#store, this.#settings, report, repair, audited?.log ?? null);
    }
    if (this.#mended > 0 && audited !== null) await this.#record(audited);
    if (this.#differing > SHOWN_MAX) say(`the first ${SHOWN_MAX} of ${this.#differing} differences are shown`);
    say(
      `compared ${this.#compared} rows, ${this.#differing} differ${this.#mended > 0 ? `, ${this.#mended} mended` : ""}`,
    );
    for (const [version, rows] of this.#otherPlants) {
      say(`${rows} rows were computed with another plant file (${version}), and not compared (DI-3)`);
    }
  }

  /** Throws `Failure` where something differs that was not mended, or nothing was there to compare. */
  conclude(machines: readonly Machine[]): void {
    if (this.#compared + this.#differing === 0) throw new Failure(nothingStored(machines));
    if (this.#differing > this.#mended) throw new Failure("stored rows differ from what their events say");
  }

  async #machine(machine: Machine): Promise<void> {
    const { repair = false } = this.#settings;
    const store = this.#store;
    let goneExpected = true;
    const onGone = (from: number, expires: boolean): void => {
      goneExpected = expires;
      tellGone(machine.id)(from);
    };
    let version: bigint | null = null;
    let first: number | null = null;
    let end = this.#span.from;
    for await (const piece of recomputeMachine(store, this.#model, machine, this.#span, onGone)) {
      first ??= piece.from;
      end = piece.to;
      const { rows, differences, remedy, otherPlants } = await this.#compare(machine, piece);
      this.#compared += rows;
      for (const [other, count] of otherPlants) {
        this.#otherPlants.set(other, (this.#otherPlants.get(other) ?? 0) + count);
      }
      for (const difference of differences) this.#report(difference);
      version ??= piece.newestVersion;
      if (!repair || differences.length === 0) continue;
      await mend(store, remedy, ++version, this.#plant.version);
      this.#mended += differences.length;
    }
    await this.#before(machine.id, first, goneExpected);
    await this.#after(machine.id, end);
  }

  /** Compares a piece; one that reaches up to now again, where it differs, for a worker may have stored more while it was read. */
  async #compare(machine: Machine, piece: Recomputed): Promise<Compared> {
    const comparedWith = (of: Recomputed): Promise<Compared> => compare(of, this.#plant.version, this.#isKnown);
    let compared = await comparedWith(piece);
    const span = { from: piece.from, to: this.#span.to };
    for (let times = 1; times < NOW_COMPARED_MAX && piece.to > Date.now() - NOW_MS; times++) {
      if (compared.differences.length === 0) break;
      for await (const again of recomputeMachine(this.#store, this.#model, machine, span, () => undefined)) {
        compared = await comparedWith(again);
        break;
      }
    }
    return compared;
  }

  /** What is stored of a time of which raw events are gone: as it should be where they are kept for some time only. */
  async #before(machine: string, first: number | null, expected: boolean): Promise<void> {
    const to = first ?? this.#span.to;
    if (expected && first !== null) return;
    const found = await this.#stored(machine, this.#span.from, to);
    if (found !== undefined && !expected) this.#reportStored(machine, found, "no raw events");
  }

  async #after(machine: string, end: number): Promise<void> {
    const from = Math.max(end, Math.min(this.#span.to, Date.now()));
    if (this.#settings.to !== undefined) return;
    const found = await this.#stored(machine, from, LATEST);
    if (found === undefined) return;
    this.#reportStored(machine, found, "later than now");
    if (this.#settings.repair !== true) return;
    const stamp = { version: (await this.#store.newestVersion([machine])) + 1n, plantVersion: this.#plant.version };
    await this.#store.retractRows({ machine, from, to: LATEST }, stamp);
    await this.#store.retractStops({ machine, from, to: LATEST }, stamp);
    await this.#store.retractDoubts({ machine, from, to: LATEST }, stamp);
    this.#mended += found.rows + found.stops;
  }

  /** A machine that an older plant file had, and this one has not, keeps its history. */
  async #unknownMachines(): Promise<void> {
    const period = { from: this.#span.from, to: this.#settings.to === undefined ? LATEST : this.#span.to };
    for (const [machine, found] of await this.#store.inventory({ machines: { under: "*" }, period })) {
      if (this.#plant.machineById.has(machine)) continue;
      let explained = !found.plantVersions.has(this.#plant.version);
      for (const version of found.plantVersions) explained &&= await this.#isKnown(version);
      if (explained) say(`${machine}: ${found.rows} rows of a machine of another plant file, and not compared (DI-3)`);
      else this.#reportStored(machine, found, "unknown machine");
    }
  }

  async #stored(machine: string, from: number, to: number): Promise<Inventory | undefined> {
    if (from >= to) return undefined;
    return (await this.#store.inventory({ machines: [machine], period: { from, to } })).get(machine);
  }

  #reportStored(machine: string, { rows, stops, first, last }: Inventory, found: string): void {
    const span = { from: new Date(first).toISOString(), to: new Date(last).toISOString() };
    this.#report({ machine, rows, stops, ...span, found }, rows + stops);
  }

  #report(found: Readonly<Record<string, unknown>>, count: number = 1): void {
    if (this.#differing < SHOWN_MAX) process.stdout.write(`${JSON.stringify(found)}\n`);
    this.#differing += count;
  }

  readonly #isKnown = async (version: string): Promise<boolean> => {
    let known = this.#knownPlants.get(version);
    if (known === undefined) {
      known = (await this.#store.plantFile(version)) !== null;
      this.#knownPlants.set(version, known);
    }
    return known;
  };

  async #record({ id, tell }: AuditedCommand): Promise<void> {
    const { scope, by = whoRuns().who ?? "", note = null } = this.#settings;
    const after = { differing: this.#differing, mended: this.#mended };
    await tell({ kind: "repaired", scope, before: null, after });
    await this.#store.recordAudit({
      ...{ at: Date.now(), id, actor: by, action: "repair", scope, ...this.#span, plantVersion: this.#plant.version },
      detail: JSON.stringify({ ...after, note }),
    });
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
