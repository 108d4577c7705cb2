/** Sparkplug B 3.0, read as a host application: how edge nodes and their metrics are written in the connections file. */
import { fieldsOf, numberOf, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import { BROKER_CLIENT_KEY, BROKER_KEYS, BROKER_REQUIRED, brokerIn } from "../mqtt/broker.ts";
import type { Protocol, SettingsContext } from "../port.ts";
import type { SparkplugAddress, SparkplugSettings } from "./settings.ts";
import { SparkplugSource } from "./sparkplug-source.ts";

export const sparkplug: Protocol<SparkplugSettings, SparkplugAddress> = {
  name: "sparkplug",
  keys: [...BROKER_KEYS, "hostId"],
  required: [...BROKER_REQUIRED, "hostId"],
  clientKey: BROKER_CLIENT_KEY,
  settingsOf(fields, context) {
    const broker = brokerIn(fields, context);
    const hostId = optional(fields["hostId"], (value) => levelIn(value, "the host application's identifier", context));
    return broker === null || hostId === null ? null : { ...broker, hostId };
  },
  addressOf: (value, context) => addressIn(value, context),
  open: (settings, signals, host) => new SparkplugSource(settings, signals, host),
};

function levelIn(value: Value, what: string, { problems }: SettingsContext): string | null {
  const expected = `${what}, without /, + and #`;
  const text = textOf(value, expected, problems);
  return text === null || !/[/+#]/.test(text) ? text : unexpected(value, expected, problems);
}

function addressIn(value: Value, context: SettingsContext): SparkplugAddress | null {
  const { problems } = context;
  const keys = ["group", "node", "device", "metric", "column", "row", "index"] as const;
  const fields = fieldsOf(value, keys, ["group", "node", "metric"], problems);
  const group = optional(fields.group, (text) => levelIn(text, "a group", context));
  const node = optional(fields.node, (text) => levelIn(text, "an edge node", context));
  const device = optional(fields.device, (text) => levelIn(text, "a device", context));
  const nameIn = (text: Value): string | null => textOf(text, "a metric's name, or a list of its names", problems);
  const names = optional(fields.metric, (text) =>
    text.kind === "list" ? text.items.flatMap((item) => nameIn(item) ?? []) : [nameIn(text) ?? ""],
  );
  const isPlace = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  const column = optional(fields.column, (text) => textOf(text, "a column of a data set", problems));
  const row = optional(fields.row, (n) => numberOf(n, isPlace, "a row, from 0", problems)) ?? 0;
  const index = optional(fields.index, (n) => numberOf(n, isPlace, "an index, from 0", problems));
  if (group === null || node === null || names === null) return null;
  return { group, node, device: device ?? "", names, part: { column, row, index } };
}
