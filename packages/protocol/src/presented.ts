/** Reviews as they were presented (RV-3), and what would differ now (RV-4). */
import { Type } from "typebox";
import { REVIEW, NAME_OR_DATES } from "./review.ts";
import { byName, type Described, INSTANT, MONEY, NUMBER, oneOf, orNull, parameters, POSITION, TEXT } from "./schema.ts";

/** The rules judge it, as any entry (RE-1). */
export const REVIEW_ENTRY = Type.Object(
  {
    id: Type.Optional(orNull(TEXT)),
    by: Type.Optional(orNull(TEXT)),
    scope: TEXT,
    period: Type.Unsafe<string | readonly string[]>({ anyOf: [TEXT, Type.Array(TEXT)] }),
    note: Type.Optional(orNull(TEXT)),
  },
  { additionalProperties: true },
);

export const SIGN_OFF = Type.Object(
  { by: TEXT, role: TEXT, digest: TEXT, note: Type.Optional(orNull(TEXT)) },
  { additionalProperties: true },
);

export const PRESENTED = Type.Object(
  {
    id: TEXT,
    rev: Type.Integer(),
    scope: TEXT,
    period: NAME_OR_DATES,
    position: POSITION,
    instant: INSTANT,
    plant: Type.String({ description: "The version of the plant file" }),
    document: REVIEW,
    digest: TEXT,
    signOffs: Type.Array(Type.Object({ by: TEXT, role: TEXT, at: INSTANT, digest: TEXT })),
  },
  { additionalProperties: true },
);
export type PresentedAnswer = Described<typeof PRESENTED>;

export const DIFFERENCES_QUERY = parameters({
  at: oneOf(["now", "position"], {
    default: "now",
    description: "Against what: the review as it would be now, or computed again at the position it was presented at",
  }),
});
export type DifferencesQuery = Described<typeof DIFFERENCES_QUERY>;

const ANYTHING = Type.Unsafe<unknown>({});
const BY = Type.Unsafe<number | string | null>({
  anyOf: [NUMBER, orNull(MONEY)],
  description: "By how much it is more, of numbers and of money",
});
export const DIFFERENCES = Type.Object({
  id: TEXT,
  at: oneOf(["now", "position"]),
  digest: TEXT,
  digestNow: TEXT,
  differences: Type.Array(Type.Object({ figure: TEXT, presented: ANYTHING, now: ANYTHING, by: BY })),
  since: Type.Object({
    lateEvents: Type.Integer({ description: "Events of before the end of what was presented that came since" }),
    corrections: Type.Integer(),
    by: byName(Type.Integer()),
    position: Type.Object({ presented: POSITION, now: POSITION }),
    plant: Type.Object({ presented: TEXT, now: TEXT }),
  }),
});
export type DifferencesAnswer = Described<typeof DIFFERENCES>;
