/** Picks a value out of JSON by JSONata, bounded in steps and time: a mistaken expression ends in an error, not in a stand-still. */
import { parseInstant } from "@oee/model";
import jsonata, { type Expression } from "jsonata";

const MILLISECONDS_MAX = 100;
/** Below these two an expression is a picking of values; above, a programme. */
const DEPTH_MAX = 200;

export class Picker {
  readonly #expression: Expression;
  #began = 0;
  #depth = 0;

  private constructor(expression: Expression) {
    this.#expression = expression;
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

  /** `null`: it is no expression. */
  static of(source: string): Picker | null {
    try {
      return new Picker(jsonata(source));
    } catch {
      return null;
    }
  }

  /** `undefined`: it is not there. Throws where the expression fails. */
  async valueIn(document: unknown): Promise<unknown> {
    this.#began = performance.now();
    this.#depth = 0;
    return (await this.#expression.evaluate(document)) as unknown;
  }

  /** Epoch ms of an RFC 3339 text or of epoch milliseconds; `null`: there is none. */
  async instantIn(document: unknown): Promise<number | null> {
    const found = await this.valueIn(document);
    if (typeof found === "number" && Number.isSafeInteger(found)) return found;
    return typeof found === "string" ? parseInstant(found) : null;
  }
}
