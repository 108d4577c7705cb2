/** `POST /exports`: a page has made a file of a table that names people, and hands it out once the audit has it. */
import { Type } from "typebox";
import { type Described, TEXT } from "./schema.ts";

/** Of a table on a page. */
export const TABLE_NAME = "^[A-Za-z][A-Za-z0-9_-]{0,99}$";

export const EXPORT = Type.Object(
  {
    table: Type.String({ pattern: TABLE_NAME, description: "Its name on the page, such as `actions`" }),
    scope: Type.String({ format: "scope-path" }),
    format: Type.Literal("csv"),
    from: Type.Optional(
      Type.String({
        format: "instant",
        description: "With `to`: of what time its rows are, as other questions say it",
      }),
    ),
    to: Type.Optional(Type.String({ format: "instant" })),
  },
  { additionalProperties: false },
);

export const EXPORT_AUDITED = Type.Object({ table: TEXT, scope: TEXT });
export type ExportAudited = Described<typeof EXPORT_AUDITED>;
