/** `POST /exports`: a page has made a file of a table that names people, and hands it out once the audit has it. */
import { Type } from "typebox";
import { type Described, TEXT } from "./schema.ts";

export const EXPORT = Type.Object(
  {
    table: Type.String({ minLength: 1, maxLength: 100, description: "Its name on the page, such as `actions`" }),
    scope: TEXT,
    format: Type.Literal("csv"),
    from: Type.Optional(
      Type.String({ description: "With `to`: of what time its rows are, as other questions say it" }),
    ),
    to: Type.Optional(TEXT),
  },
  { additionalProperties: false },
);

export const EXPORT_TOLD = Type.Object({ table: TEXT, scope: TEXT });
export type ExportTold = Described<typeof EXPORT_TOLD>;
