/**
 * Checks values that tests receive against the schemas of packages/protocol; an error names the place where a value differs. A field
 * that its schema does not name is an error too, so that everything that is sent is documented.
 */
import { LIVE_MESSAGE, LIVE_RECORD, TEXT_FORMATS, TIMELINE_RECORD } from "@oee/protocol";
import { Ajv, type ValidateFunction } from "ajv";

export { PROBLEM } from "@oee/protocol";

const ajv = new Ajv({ allowUnionTypes: true, strict: false });
ajv.addFormat("date-time", /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/);
ajv.addFormat("date", /^\d{4}-\d\d-\d\d$/);
for (const format of TEXT_FORMATS) ajv.addFormat(format, true);

const compiled = new WeakMap<object, ValidateFunction>();

/** Throws an `Error` that names `what` and the place where the value differs from the schema. */
export function checkAgainst(schema: object, value: unknown, what: string): void {
  let validate = compiled.get(schema);
  if (validate === undefined) compiled.set(schema, (validate = ajv.compile(closed(schema) as object)));
  if (validate(value)) return;
  const [error] = validate.errors ?? [];
  const more = error?.params["additionalProperty"] ?? error?.params["allowedValues"] ?? "";
  throw new Error(
    `${what} is not as its schema says: ${error?.instancePath || "it"} ${error?.message ?? ""} ${String(more)}`,
  );
}

/** A copy of a schema in which objects may have only the properties that it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in copy && !("additionalProperties" in copy) ? { ...copy, additionalProperties: false } : copy;
}

/** Checks a message of the live channel (`snapshot` or `update`). */
export function checkLiveMessage(message: unknown): void {
  checkAgainst(LIVE_MESSAGE, message, "the live message");
}

/** Checks a record of the topic `oee.live`, as its JSON. */
export function checkLiveRecord(record: { readonly kind: string; readonly machine: string }): void {
  const schema = record.kind === "timeline" ? TIMELINE_RECORD : LIVE_RECORD;
  checkAgainst(schema, JSON.parse(JSON.stringify(record)), `the live record of ${record.machine}`);
}
