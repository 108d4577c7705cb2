/** Entries of the review (RE-1): how they are put in, and how they are given out. */
import { ENTRY_TYPES } from "@oee/model";
import { Type } from "typebox";
import { type Described, FLAG, INSTANT, oneOf, orNull, parameters, TEXT } from "./schema.ts";

/** An entry of its own kind has more fields; the rules judge them, with words of their own. */
export const ENTRY = Type.Object(
  {
    type: Type.Optional(oneOf(ENTRY_TYPES)),
    id: Type.Optional(TEXT),
    rev: Type.Optional(Type.Integer({ description: "1, then one more than the newest" })),
    by: Type.Optional(TEXT),
    at: Type.Optional(Type.String({ format: "date-time", description: "When it was made" })),
    note: Type.Optional(TEXT),
    withdrawn: Type.Optional(FLAG),
  },
  { additionalProperties: true },
);

/** Each entry is judged on its own, so that any object is answered, and so is any element of an array. */
export const ENTRIES = Type.Unsafe<unknown>({
  description:
    'One entry or an array of them, such as `{"type":"target","id":"oee-26","rev":1,"by":"anna","scope":"berlin","measure":"oee","value":"+5%","due":"2027-01-01"}`',
  anyOf: [
    { type: "object", additionalProperties: true },
    { type: "array", items: {} },
  ],
});

const ENTRY_TAKEN = Type.Object({
  type: oneOf(ENTRY_TYPES),
  id: TEXT,
  rev: Type.Integer(),
  at: orNull(INSTANT),
  digest: Type.Optional(orNull(TEXT, { description: "Of a review" })),
});
export const ENTRIES_TAKEN = Type.Object({ accepted: Type.Integer(), entries: Type.Array(ENTRY_TAKEN) });
export type EntryTaken = Described<typeof ENTRY_TAKEN>;
export type EntriesTaken = Described<typeof ENTRIES_TAKEN>;

export const ENTRIES_QUERY = parameters({
  type: Type.Optional(oneOf(ENTRY_TYPES)),
  scope: Type.Optional(Type.String({ description: "Those of this scope and below" })),
  id: Type.Optional(Type.String({ minLength: 1 })),
  revisions: Type.Optional(oneOf(["all"])),
});
export type EntriesQuery = Described<typeof ENTRIES_QUERY>;

/** Of an entry or of what was made of it. */
export const ID_PARAMS = Type.Object({ id: Type.String({ minLength: 1 }) });
export type IdParams = Described<typeof ID_PARAMS>;

/** Of a route that takes no parameter: one that does not exist is an error. */
export const NO_QUERY = parameters({});
