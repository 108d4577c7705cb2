/** A query of a database (PostgreSQL), as an ERP or a MES has one: how it is written in the connections file. */
import { durationMsIn, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import { TIME_KEYS, timesIn } from "../picking/local-time.ts";
import { type PickedAddress, pickedAddressIn } from "../picking/picked.ts";
import type { Protocol, SettingsContext } from "../port.ts";
import type { SqlSettings } from "./settings.ts";
import { SqlSource } from "./sql-source.ts";

const EVERY_MS = 30_000;
const TIMEOUT_MS = 30_000;
const MS_MIN = 100;

export const sql: Protocol<SqlSettings, PickedAddress> = {
  name: "sql",
  keys: ["url", "password", "query", "every", "timeout", ...TIME_KEYS],
  required: ["url", "query"],
  settingsOf(fields, context) {
    const { problems } = context;
    const lasting = (name: string, otherwise: number): number =>
      Math.max(
        MS_MIN,
        optional(fields[name], (value) => durationMsIn(value, "a duration such as 30s", problems)) ?? otherwise,
      );
    const url = optional(fields["url"], (value) => urlIn(value, context));
    const query = optional(fields["query"], (value) => textOf(value, "a query such as select * from orders", problems));
    const password = optional(fields["password"], (value) => context.secretOf(value));
    const times = timesIn(fields, context);
    const settings = { everyMs: lasting("every", EVERY_MS), timeoutMs: lasting("timeout", TIMEOUT_MS), times };
    return url === null || query === null ? null : { url, password, query, ...settings };
  },
  addressOf: pickedAddressIn,
  open: (settings, signals, host) => new SqlSource(settings, signals, host),
};

const URL_FORM = "an address such as postgres://oee@erp:5432/erp";

/** The address may be a secret as a whole, and is then in no message. */
function urlIn(value: Value, context: SettingsContext): string | null {
  const url = context.secretOf(value);
  if (url === null) return null;
  const isKnown = URL.canParse(url) && /^postgres(?:ql)?:$/.test(new URL(url).protocol);
  return isKnown ? url : unexpected(value, URL_FORM, context.problems);
}
