/** MTConnect agents over HTTP: how one is written in the connections file. */
import { durationMsIn, oneOf, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import type { Protocol, SettingsContext } from "../port.ts";
import { MtconnectSource } from "./mtconnect-source.ts";
import { FORMATS, type MtconnectSettings } from "./settings.ts";

const EVERY_MS = 1_000;
const HEARTBEAT_MS = 10_000;

export const mtconnect: Protocol<MtconnectSettings, string> = {
  name: "mtconnect",
  keys: ["url", "format", "every", "heartbeat"],
  required: ["url"],
  settingsOf(fields, context) {
    const { problems } = context;
    const lasting = (name: string, otherwise: number): number =>
      Math.max(
        1,
        optional(fields[name], (value) => durationMsIn(value, "a duration such as 1s", problems)) ?? otherwise,
      );
    const url = optional(fields["url"], (value) => urlIn(value, context));
    const format = optional(fields["format"], (value) => oneOf(value, FORMATS, problems)) ?? "xml";
    const settings = { format, everyMs: lasting("every", EVERY_MS), heartbeatMs: lasting("heartbeat", HEARTBEAT_MS) };
    return url === null ? null : { url, ...settings };
  },
  addressOf: (value, { problems }) => textOf(value, "the id or the name of a data item", problems),
  open: (settings, signals, host) => new MtconnectSource(settings, signals, host),
};

const URL_FORM = "an address such as http://agent:5000 or http://agent:5000/lathe";

function urlIn(value: Value, { problems }: SettingsContext): string | null {
  const url = textOf(value, URL_FORM, problems);
  if (url === null) return null;
  const isKnown = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return isKnown ? `${url.replace(/\/+$/, "")}/` : unexpected(value, URL_FORM, problems);
}
