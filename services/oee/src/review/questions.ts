/**
 * Checks the questions of an entries file and answers each by the rules of the review. A malformed one is a usage
 * error.
 */
import { isWithin } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { type Plant, type Scope, scopeAt, machinesIn, membersIn } from "@oee/model";
import {
  type Baseline,
  benchmarkDocument,
  changeDocument,
  type Facts,
  type Measure,
  measureNamed,
  type NamedPeriod,
  type ParetoBy,
  type ParetoMeasure,
  paretoOf,
  periodNamed,
  periodOf,
  type Programme,
  scorecardDocument,
  scorecardOf,
  scorecardRows,
} from "@oee/review";
import { UsageError } from "../failure.ts";
import type { Fields, QuestionKind } from "./entries-file.ts";

const PARETO_BY: readonly ParetoBy[] = ["reason", "state", "machine", "shift", "product"];
const PARETO_MEASURES: readonly ParetoMeasure[] = ["time", "count", "cost"];

export function answerOf(facts: Facts, programme: Programme, kind: QuestionKind, fields: Fields): object | null {
  const question = new Question(facts.plant, kind, fields);
  const scope = question.scope();
  switch (kind) {
    case "paretos": {
      const all = question.oneOf("machines", ["all", "kpi"], "all") === "all";
      const query = {
        by: question.oneOf("by", PARETO_BY, "reason"),
        depth: question.depth(),
        measure: question.oneOf("measure", PARETO_MEASURES, "time"),
      };
      const period = question.period(scope, "period");
      const bars = paretoOf(facts, all ? machinesIn(scope, period) : membersIn(scope, period), query);
      return { ...fields, bars };
    }
    case "decompositions": {
      const first = question.firstOf(scope, programme);
      return changeDocument(facts, scope, first, question.period(scope, "second"));
    }
    case "scorecards": {
      const period = question.namedPeriod(scope, "period");
      const scorecard = scorecardDocument(scorecardOf(facts, scope, periodOf(scope.timezone, period)));
      return { ...scorecard, rows: scorecardRows(facts, programme, scope, period) };
    }
    case "benchmarks": {
      const className = question.text("class");
      const scopes = [...facts.plant.scopes.values()].filter(
        (candidate) => candidate.class === className && isWithin(candidate, scope),
      );
      return benchmarkDocument(facts, scopes, className, question.measure(), question.period(scope, "period"));
    }
  }
}

class Question {
  readonly #plant: Plant;
  readonly #kind: string;
  readonly #fields: Fields;

  constructor(plant: Plant, kind: string, fields: Fields) {
    this.#plant = plant;
    this.#kind = kind;
    this.#fields = fields;
  }

  scope(): Scope {
    const path = this.#fields["scope"] ?? "*";
    const scope = typeof path === "string" ? scopeAt(this.#plant, path) : undefined;
    return scope ?? this.#refuse("scope", "a scope of the plant");
  }

  period(scope: Scope, name: string): Period {
    return periodOf(scope.timezone, this.namedPeriod(scope, name));
  }

  namedPeriod({ periods }: Scope, name: string): NamedPeriod {
    const value = this.#fields[name];
    const isPair = Array.isArray(value) && value.length === 2 && value.every((date) => typeof date === "string");
    const isName = typeof value === "string" || typeof value === "number";
    const period = isPair
      ? periodNamed(value as unknown as [string, string], periods)
      : isName
        ? periodNamed(String(value), periods)
        : null;
    return period ?? this.#refuse(name, "a period such as 2026-Q3, or two dates");
  }

  /** A period, or `baseline:ID`. */
  firstOf(scope: Scope, programme: Programme): Period | Baseline {
    const value = this.#fields["first"];
    if (typeof value !== "string" || !value.startsWith("baseline:")) return this.period(scope, "first");
    return programme.baseline(value.slice("baseline:".length)) ?? this.#refuse("first", "a baseline in force");
  }

  text(name: string): string {
    const value = this.#fields[name];
    return typeof value === "string" && value !== "" ? value : this.#refuse(name, "a text");
  }

  measure(): Measure {
    return measureNamed(this.text("measure")) ?? this.#refuse("measure", "the name of a measure");
  }

  depth(): number | null {
    const value = this.#fields["depth"] ?? null;
    if (value === null) return null;
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 1
      ? value
      : this.#refuse("depth", "a whole number from 1");
  }

  oneOf<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.#fields[name] ?? otherwise;
    return choices.find((choice) => choice === value) ?? this.#refuse(name, choices.join(", "));
  }

  #refuse(name: string, expected: string): never {
    const found = JSON.stringify(this.#fields[name]) ?? "nothing";
    throw new UsageError(`${this.#kind}: ${name}: found ${found}, expected ${expected}`);
  }
}
