/** JSON schemas of the review's routes. */
import { ENTRY_TYPES } from "@oee/review";

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: "string" };
const INSTANT: Schema = { type: "string", format: "date-time" };

export const ENTRY: Schema = {
  type: "object",
  additionalProperties: true,
  properties: {
    type: { type: "string", enum: ENTRY_TYPES },
    id: TEXT,
    rev: { type: "integer", description: "1, then one more than the newest" },
    by: TEXT,
    at: { ...INSTANT, description: "When it was made" },
    note: TEXT,
    withdrawn: { type: "boolean" },
  },
};

/** Each entry is judged on its own, with words of its own. */
export const ENTRIES: Schema = {
  description:
    'One entry or an array of them, such as `{"type":"target","id":"oee-26","rev":1,"by":"anna","scope":"berlin","measure":"oee","value":"+5%","due":"2027-01-01"}`',
  anyOf: [
    { type: "object", additionalProperties: true },
    { type: "array", items: {} },
  ],
};

export const ENTRIES_TAKEN: Schema = {
  type: "object",
  properties: {
    accepted: { type: "integer" },
    entries: {
      type: "array",
      items: {
        type: "object",
        properties: { type: TEXT, id: TEXT, rev: { type: "integer" }, at: { ...INSTANT, nullable: true } },
      },
    },
  },
};

export const ENTRIES_QUERY: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    type: { type: "string", enum: ENTRY_TYPES },
    scope: { type: "string", description: "Those of this scope and below" },
    id: { type: "string", minLength: 1 },
    revisions: { type: "string", enum: ["all"] },
  },
};
