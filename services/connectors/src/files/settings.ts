/** What the connections file says of a folder. */
import type { LocalTimes } from "../picking/local-time.ts";
import type { RowOptions } from "./rows.ts";

export interface FilesSettings extends RowOptions {
  readonly folder: string;
  /** Which names are read; `*` is any text. */
  readonly pattern: RegExp;
  readonly everyMs: number;
  readonly decimalComma: boolean;
  readonly times: LocalTimes;
}
