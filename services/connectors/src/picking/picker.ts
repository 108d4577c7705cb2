/** Picks a value out of JSON by JSONata, bounded in steps and time: a mistaken expression ends in an error, not in a stand-still. */
import jsonata, { type Expression } from "jsonata";
import { LinearPattern } from "./linear-pattern.ts";

/** What messages say is expected of an expression. */
export const EXPRESSION =
  "a JSONata expression, whose regular expressions look neither ahead nor behind nor refer back";

// JSONata uses no more of it.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const ENGINE = LinearPattern as unknown as RegExpConstructor;

const MILLISECONDS_MAX = 100;
/** Below these two an expression is a picking of values; above, a programme. */
const DEPTH_MAX = 200;

export class Picker {
  readonly #expression: Expression;
  readonly #names: readonly string[] | null;
  #began = 0;
  #depth = 0;

  private constructor(expression: Expression) {
    this.#expression = expression;
    this.#names = namesIn(expression.ast());
    // The evaluator calls these at each step of an evaluation.
    expression.assign("__evaluate_entry", () => {
      this.#depth++;
      if (this.#depth > DEPTH_MAX || performance.now() - this.#began > MILLISECONDS_MAX) {
        throw new Error("the expression takes too long");
      }
    });
    expression.assign("__evaluate_exit", () => {
      this.#depth--;
    });
  }

  /** `null`: it is no expression, or has a regular expression that cannot be bounded. */
  static of(source: string): Picker | null {
    try {
      const expression = jsonata(source, { RegexEngine: ENGINE });
      for (const pattern of patternsIn(expression.ast())) void new LinearPattern(pattern);
      return new Picker(expression);
    } catch {
      return null;
    }
  }

  /**
   * A text, a number, a truth, `null` or nothing that a path of names leads to through objects alone: it needs no evaluation.
   * `null`: it does.
   */
  plainIn(document: unknown): { readonly value: unknown } | null {
    if (this.#names === null) return null;
    let value = document;
    for (const name of this.#names) {
      if (Array.isArray(value)) return null;
      value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    }
    return isObject(value) ? null : { value };
  }

  /** `undefined`: it is not there. Throws where the expression fails. */
  async valueIn(document: unknown): Promise<unknown> {
    const plain = this.plainIn(document);
    if (plain !== null) return plain.value;
    this.#began = performance.now();
    this.#depth = 0;
    return (await this.#expression.evaluate(document)) as unknown;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What the package's parser makes of an expression; its own types lack paths. */
interface Parsed {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly Parsed[];
}

/** The names of an expression that is nothing but a path of them, as `payload.state`. */
function namesIn({ type, steps = [], ...more }: Parsed): readonly string[] | null {
  if (type !== "path" || Object.keys(more).length > 0) return null;
  const names = steps.flatMap(({ type: kind, value, position: _position, ...others }) =>
    kind === "name" && Object.keys(others).length === 0 ? [String(value)] : [],
  );
  return names.length === steps.length ? names : null;
}

/** The regular expressions of an expression. */
function patternsIn(part: unknown): readonly RegExp[] {
  if (part instanceof RegExp) return [part];
  return typeof part === "object" && part !== null ? Object.values(part).flatMap(patternsIn) : [];
}
