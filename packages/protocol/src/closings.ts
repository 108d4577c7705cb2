/** `GET /closings`: time that is closed, and what came after it was. */
import { Type } from "typebox";
import { byName, type Described, INSTANT, orNull, parameters, TEXT } from "./schema.ts";

export const CLOSINGS_QUERY = parameters({
  scope: Type.String({ default: "*", description: "Closings of this scope and below" }),
});
export type ClosingsQuery = Described<typeof CLOSINGS_QUERY>;

const COUNT = Type.Integer({ minimum: 0 });

export const CLOSING = Type.Object({
  id: TEXT,
  rev: Type.Integer(),
  scope: TEXT,
  until: Type.String({ description: "The first date that is not closed" }),
  by: orNull(TEXT),
  at: orNull(INSTANT),
  note: orNull(TEXT),
  since: Type.Object(
    {
      lateEvents: Type.Integer({ minimum: 0, description: "Events of closed time that came after it was closed" }),
      corrections: Type.Integer({
        minimum: 0,
        description: "Corrections that begin in it and were made after it was closed",
      }),
      correctionsBy: byName(COUNT, { description: "By who made them; an empty name: nobody is named" }),
    },
    { description: "What came after: it counts like all else" },
  ),
});
export type Closing = Described<typeof CLOSING>;
