/** Finds the field of a form that a refusal is about: the server names it at the beginning of the detail, or by the code. */
import type { ApiProblem } from "../../shared/api/ask.ts";
import { type Field, type FieldKind } from "./fields.ts";

const KINDS_OF: Readonly<Record<string, readonly FieldKind[]>> = {
  "unknown-scope": ["scope", "scopes"],
  "unknown-measure": ["measure", "measures"],
};

/** The name of the field; `null`: the refusal names none, or one that the form does not have. */
export function refusedField(refusal: ApiProblem | null, fields: readonly Field[]): string | null {
  if (refusal === null) return null;
  const named = /^(\w+): /.exec(refusal.message)?.[1];
  const kinds = KINDS_OF[String(refusal.more["refusal"])];
  const found = fields.find(({ name, kind }) => name === named || kinds?.includes(kind) === true);
  return found?.name ?? null;
}
