/** The plant's reason tree (TL-6). A reason may not turn time into or out of production or no data. */
import type { ReasonNode } from "../plant.ts";
import { CATEGORIES, type Category } from "../state.ts";
import type { Value } from "./value.ts";
import { booleanOf, entriesOf, fieldsOf, type KeyForm, oneOf, optional, textOf } from "./fields.ts";
import type { Problems } from "./problem.ts";

const REASON_CATEGORIES: readonly Category[] = CATEGORIES.filter((name) => name !== "production" && name !== "unknown");

/** A path's separator cannot be part of a segment. */
const SEGMENT: KeyForm = { pattern: /^[^/]+$/, words: "a text without /" };

export function readReasons(value: Value, problems: Problems): ReadonlyMap<string, ReasonNode> {
  const nodes = new Map<string, ReasonNode>();
  for (const { key, value: node } of entriesOf(value, "reasons by name", SEGMENT, problems)) {
    const fields = fieldsOf(node, ["name", "category", "failure", "vague", "children"], [], problems);
    nodes.set(key, {
      name: optional(fields.name, (name) => textOf(name, "a name", problems)) ?? key,
      category: optional(fields.category, (category) => oneOf(category, REASON_CATEGORIES, problems)),
      failure: optional(fields.failure, (failure) => booleanOf(failure, problems)),
      vague: optional(fields.vague, (vague) => booleanOf(vague, problems)),
      children:
        optional(fields.children, (children) => readReasons(children, problems)) ?? new Map<string, ReasonNode>(),
    });
  }
  return nodes;
}
