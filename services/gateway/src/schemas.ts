/** Takes the schemas of packages/protocol for the answers of a route, as OpenAPI documents them. */
import { PROBLEM } from "@oee/protocol";
import { PROBLEM_TYPE, PROBLEMS } from "./problems.ts";

type Schema = Readonly<object>;

const TEXT: Schema = { type: "string" };

/** The documented answers of a route: its own, and problems by their status. */
export function answers(
  own: Readonly<
    Record<
      number,
      {
        readonly description: string;
        readonly types?: readonly string[];
        readonly schema?: Schema;
        readonly example?: unknown;
      }
    >
  >,
  problems: readonly number[],
): Record<number, Schema> {
  const documented: Record<number, Schema> = {};
  for (const [status, { description, types = ["application/json"], schema, example }] of Object.entries(own)) {
    const content = Object.fromEntries(
      types.map((type) => [
        type,
        type === "application/json" && schema !== undefined
          ? { schema, ...(example === undefined ? {} : { example }) }
          : { schema: TEXT },
      ]),
    );
    documented[Number(status)] = { description, content };
  }
  for (const status of problems) {
    const codes = Object.entries(PROBLEMS).filter(([, problem]) => problem.status === status);
    const description = codes.map(([code, { title }]) => `${title} (\`${code}\`)`).join("; ");
    documented[status] = { description, content: { [PROBLEM_TYPE]: { schema: PROBLEM } } };
  }
  return documented;
}
