/**
 * The programme of a plant: the baselines, targets, pilots and actions of its entries, with the figures that they need from
 * the facts. An entry that the facts do not allow, such as a baseline of a period without coverage, is refused.
 */
import type { Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { machinesIn, type Machine, type Plant, type Scope } from "@oee/model";
import { type Action, actionsThatOverlap } from "./actions.ts";
import { type Baseline, type BaselineFigures, baselineInForce, baselineValue, type FrozenSpan } from "./baselines.ts";
import { dateText, type Day, type DaySpan, periodOf } from "./dates.ts";
import type { ActionEntry, BaselineEntry, Entry, EntryRefusal, PilotEntry, TargetEntry } from "./entries.ts";
import { EntryBook } from "./entry-book.ts";
import { Amounts, amountsOf, type Facts } from "./facts.ts";
import { policyIn } from "./frozen.ts";
import { importedSums } from "./imported-sums.ts";
import { measureNamed, MIN_COVERAGE, whyLeftOut } from "./measures.ts";
import { isMadeLater, type Pilot } from "./pilots.ts";
import { type Target, targetFor } from "./targets.ts";

/** The facts from which a baseline is frozen: those known at its place in the order; `null`: its entry must hold the figures. */
export type FactsOf = (entry: BaselineEntry) => Facts | null;

export class Programme {
  readonly plant: Plant;
  readonly book: EntryBook;
  readonly #factsOf: FactsOf;
  readonly #baselines = new Map<string, Baseline>();
  /** The revision with which a baseline's figures were frozen, by its id. */
  readonly #frozenBy = new Map<string, BaselineEntry>();
  readonly #targets = new Map<string, Target>();
  readonly #standing: readonly Target[];

  constructor(plant: Plant, factsOf: FactsOf, book: EntryBook = new EntryBook()) {
    this.plant = plant;
    this.#factsOf = factsOf;
    this.#standing = plantTargets(plant);
    this.book = book;
  }

  /** A programme of the same entries, which goes its own way from here: entries are tried on it before they are in the log. */
  copy(): Programme {
    const copy = new Programme(this.plant, this.#factsOf, this.book.copy());
    for (const [id, baseline] of this.#baselines) copy.#baselines.set(id, baseline);
    for (const [id, entry] of this.#frozenBy) copy.#frozenBy.set(id, entry);
    for (const [id, target] of this.#targets) copy.#targets.set(id, target);
    return copy;
  }

  /** The refusal that `accept` would return for an entry, without taking it. */
  judge(entry: Entry): EntryRefusal | null {
    const conflict = this.book.check(entry);
    if (conflict !== null || entry.withdrawn) return conflict;
    const made =
      entry.type === "baseline" ? this.#baselineOf(entry) : entry.type === "target" ? this.#targetOf(entry) : null;
    return isRefusal(made) ? made : null;
  }

  /** Takes the next entry of the order, or returns why it is refused. */
  accept(entry: Entry): EntryRefusal | null {
    const conflict = this.book.check(entry);
    if (conflict !== null) return conflict;
    const baseline = entry.type === "baseline" && !entry.withdrawn ? this.#baselineOf(entry) : null;
    if (isRefusal(baseline)) return baseline;
    const target = entry.type === "target" && !entry.withdrawn ? this.#targetOf(entry) : null;
    if (isRefusal(target)) return target;
    this.book.accept(entry);
    if (entry.type === "baseline") {
      const isKept = this.#baselines.get(entry.id)?.figures === baseline?.figures;
      if (!isKept) this.#frozenBy.set(entry.id, entry);
      replace(this.#baselines, entry.id, baseline);
    }
    if (entry.type === "target") replace(this.#targets, entry.id, target);
    return null;
  }

  get baselines(): readonly Baseline[] {
    return [...this.#baselines.values()];
  }

  /** The target that counts for a scope, measure and date (TG-4); those of the plant file come last. */
  targetFor(scope: Scope, measure: string, date: Day): Target | null {
    return targetFor(this.#targets.values(), scope, measure, date) ?? targetFor(this.#standing, scope, measure, date);
  }

  /** Names of the measures for which a target counts for a scope on a date. */
  measuresOf(scope: Scope, date: Day): readonly string[] {
    const names = new Set([...this.#targets.values(), ...this.#standing].map(({ measure }) => measure.name));
    return [...names].filter((name) => this.targetFor(scope, name, date) !== null);
  }

  target(id: string): Target | null {
    return this.#targets.get(id) ?? null;
  }

  baseline(id: string): Baseline | null {
    return this.#baselines.get(id) ?? null;
  }

  /** The revision with which the figures of a baseline in force were frozen: a later one may have kept them (BL-5). */
  frozenBy({ id }: Baseline): BaselineEntry | null {
    return this.#frozenBy.get(id) ?? null;
  }

  /** A computed baseline with the figures that it would be frozen with now (BL-5). */
  freezeAgain(baseline: Baseline, facts: Facts): Baseline {
    const scope = this.plant.scopes.get(baseline.scope);
    if (scope === undefined) throw new Error(`the plant has no scope ${baseline.scope}`);
    return { ...baseline, figures: computedFigures(facts, scope, baseline) };
  }

  pilotOf(entry: PilotEntry): Pilot {
    const { id, scopes, controls, start, warmUp, before, after, measures, minCoverage } = entry;
    const money = { investment: entry.investment, runningCostPerYear: entry.runningCostPerYear };
    const chosenLater = this.revisionsChosenLater(entry).length > 0;
    return { id, scopes, controls, start, warmUp, before, after, minCoverage, measures, money, chosenLater };
  }

  actionOf(entry: ActionEntry): Action {
    const { id, scope, addresses, due, started, done, cancelled, controls, weeks } = entry;
    const money = { investment: entry.investment, runningCostPerYear: entry.runningCostPerYear };
    return { id, scope, addresses, due, started, done, cancelled, controls, weeks, money };
  }

  /** The other actions of which the effect of an action holds a part, at an instant (AC-4). */
  actionsOverlapping(entry: ActionEntry, now: number): readonly ActionEntry[] {
    const entries = this.book.inForce("action");
    const all = entries.map((one) => this.actionOf(one));
    const found = new Set(actionsThatOverlap(now, this.actionOf(entry), all).map(({ id }) => id));
    return entries.filter(({ id }) => found.has(id));
  }

  /** The first revision of a pilot where it was made after its start, and those that changed after their start what is measured (PI-9). */
  revisionsChosenLater({ id }: PilotEntry): readonly PilotEntry[] {
    const revisions = this.book.revisionsOf("pilot", id);
    return revisions.filter((revision, i) => {
      const zone = (revision.scopes[0] as Scope).timezone;
      if (revision.at === null || !isMadeLater(zone, revision.start, revision.at)) return false;
      const former = revisions[i - 1];
      return former === undefined || designOf(former) !== designOf(revision);
    });
  }

  #baselineOf(entry: BaselineEntry): Baseline | EntryRefusal {
    const { id, from, to, effective, minCoverage } = entry;
    const kept = this.#keptBy(entry);
    const figures = kept?.figures ?? this.#figuresOf(entry);
    if (isRefusal(figures)) return figures;
    const policy = kept === null ? policyIn(entry.raw["frozen"]) : kept.policy;
    return { id, scope: entry.scope.path, from, to, effective, minCoverage, figures, policy };
  }

  /** The baseline whose frozen figures a revision keeps: that of the former revision, unless it has `freeze: now`, figures of its own, or another scope or period (BL-5). */
  #keptBy(entry: BaselineEntry): Baseline | null {
    const former = this.#baselines.get(entry.id);
    if (former?.figures.kind !== "computed" || entry.freeze || entry.frozen !== null || entry.figures !== null)
      return null;
    const isSame = former.scope === entry.scope.path && former.from === entry.from && former.to === entry.to;
    return isSame ? former : null;
  }

  #figuresOf(entry: BaselineEntry): BaselineFigures | EntryRefusal {
    const { figures } = entry;
    if (figures !== null) {
      return "kpis" in figures
        ? { kind: "kpis", kpis: figures.kpis }
        : { kind: "components", sums: importedSums(figures.components) };
    }
    if (entry.frozen !== null) return entry.frozen;
    const facts = this.#factsOf(entry);
    if (facts === null)
      return { code: "invalid", detail: "frozen: expected the figures that were computed, found none" };
    return freeze(facts, entry);
  }

  #targetOf(entry: TargetEntry): Target | EntryRefusal {
    const { id, scope, measure, aim, due, over, path, inherit, minCoverage, strictly, startValue } = entry;
    const named = entry.baseline === null ? null : this.#baselines.get(entry.baseline);
    if (named === undefined) {
      return { code: "unknown-entry", detail: `baseline: there is no baseline ${JSON.stringify(entry.baseline)}` };
    }
    const from = entry.from ?? named?.effective ?? newestEffective(this.baselines, scope);
    if (due !== null && from === null) {
      return { code: "invalid", detail: "from: expected a date, or a baseline that it follows from, found neither" };
    }
    if (due !== null && from !== null && due <= from + over) {
      return { code: "invalid", detail: "due: expected a date later than from and over" };
    }
    // TG-2: a target keeps the baseline that was in force on its `from`; baselines that are entered later do not change it.
    const inForce = [...this.baselines];
    const baselineOf = (asking: Scope): Baseline | null => {
      const baseline = named ?? (from === null ? null : baselineInForce(inForce, asking, from));
      return baseline === null || baselineValue(baseline, asking, measure) === null ? null : baseline;
    };
    const baseOf = (asking: Scope): number | null => {
      const baseline = baselineOf(asking);
      return baseline === null ? startValue : baselineValue(baseline, asking, measure);
    };
    if (due !== null && aim.kind === "absolute" && baseOf(scope) === null) {
      return { code: "invalid", detail: "value: a path to a number needs a baseline or a startValue, found neither" };
    }
    const until = entry.until ?? Infinity;
    const begins = from ?? -Infinity;
    return {
      id,
      scope: scope.path,
      measure,
      aim,
      from: begins,
      due,
      until,
      over,
      path,
      inherit,
      minCoverage,
      strictly,
      baseOf,
      baselineOf,
    };
  }
}

/** The figures of a computed baseline (BL-2); refused where its period is not over or does not count (BL-4). */
export function freeze(facts: Facts, entry: BaselineEntry): BaselineFigures | EntryRefusal {
  const { scope, minCoverage } = entry;
  const period = periodOf(scope.timezone, entry);
  if (period.to > facts.now) {
    return {
      code: "invalid",
      detail: `to: expected a period that is over, found one that ends ${dateText(entry.to)}`,
    };
  }
  const why = whyLeftOut(amountsOf(facts, scope, period), minCoverage);
  if (why !== null) return { code: "invalid", detail: `from, to: expected a period that counts, found ${why}` };
  return computedFigures(facts, scope, entry);
}

function computedFigures(facts: Facts, scope: Scope, dates: DaySpan): BaselineFigures {
  const period = periodOf(scope.timezone, dates);
  const changes = (scope.past?.changes ?? []).filter((at) => at > period.from && at < period.to);
  const machines = new Map<string, FrozenSpan[]>();
  for (const { machine, period: span } of machinesIn(scope, period)) {
    let own = machines.get(machine.id);
    if (own === undefined) machines.set(machine.id, (own = []));
    const cuts = [span.from, ...changes.filter((at) => at > span.from && at < span.to), span.to];
    for (const [i, from] of cuts.slice(0, -1).entries()) {
      own.push(frozen(facts, machine, { from, to: cuts[i + 1] as number }));
    }
  }
  return { kind: "computed", machines };
}

/** The frozen span of a machine for a baseline: its cells, and the time of its stops by reason. */
function frozen(facts: Facts, machine: Machine, period: Period): FrozenSpan {
  const cells: ReadonlyMap<string | null, Sums> = facts.cellsOf(machine, period);
  return { ...period, cells, reasonTimes: new Amounts().addMachine(facts, machine, period).reasonTimes };
}

function newestEffective(baselines: readonly Baseline[], scope: Scope): Day | null {
  const own = baselineInForce(baselines, scope, Infinity);
  return own?.effective ?? null;
}

/** The standing targets of the plant file, one for each scope and measure; targets that a scope inherits are in its own list already. */
function plantTargets(plant: Plant): readonly Target[] {
  const targets: Target[] = [];
  for (const scope of plant.scopes.values()) {
    for (const [name, value] of Object.entries(scope.targets)) {
      const measure = measureNamed(name);
      if (measure === null) continue;
      targets.push({
        id: "",
        scope: scope.path,
        measure,
        aim: { kind: "absolute", value },
        from: -Infinity,
        due: null,
        until: Infinity,
        over: 28,
        path: "linear",
        inherit: true,
        minCoverage: MIN_COVERAGE,
        strictly: false,
        baseOf: () => null,
        baselineOf: () => null,
      });
    }
  }
  return targets;
}

function designOf({ scopes, controls, start, warmUp, before, after, measures }: PilotEntry): string {
  const paths = (of: readonly Scope[]): string[] => of.map(({ path }) => path);
  const names = measures.map(({ name }) => name);
  return JSON.stringify([paths(scopes), paths(controls), start, warmUp, before, after, names]);
}

function replace<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}

function isRefusal(value: object | null): value is EntryRefusal {
  return value !== null && "code" in value;
}
