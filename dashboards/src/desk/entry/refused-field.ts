/** Which field of a form a refusal speaks of: the server names it at the beginning of its words, or by its code. */
import type { ApiProblem } from "../../shared/api/ask.ts";
import { type Field, type FieldKind } from "./fields.ts";

const KINDS_OF: Readonly<Record<string, readonly FieldKind[]>> = {
  "unknown-scope": ["scope", "scopes"],
  "unknown-measure": ["measure", "measures"],
};

/** `null`: it speaks of none, or of one that the form does not have. */
export function refusedField(refusal: ApiProblem | null, fields: readonly Field[]): string | null {
  if (refusal === null) return null;
  const named = /^(\w+): /.exec(refusal.message)?.[1];
  const kinds = KINDS_OF[String(refusal.more["refusal"])];
  const found = fields.find(({ name, kind }) => name === named || kinds?.includes(kind) === true);
  return found?.name ?? null;
}
