/** What the connections file says of a database. */
import type { LocalTimes } from "../picking/local-time.ts";

export interface SqlSettings {
  /** With the user, and the password unless it is given beside. */
  readonly url: string;
  readonly password: string | null;
  readonly query: string;
  readonly everyMs: number;
  /** Of one round: the connection, and the query. */
  readonly timeoutMs: number;
  readonly times: LocalTimes;
}
