/** The protocol `files`: how a folder into which files are exported is written in the connections file. */
import { booleanOf, durationMsIn, oneOf, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import { type PickedAddress, pickedAddressIn } from "../picking/picked.ts";
import type { Protocol, SettingsContext } from "../port.ts";
import { FilesSource } from "./files-source.ts";
import { TIME_KEYS, timesIn } from "../picking/local-time.ts";
import { FORMATS } from "./rows.ts";
import type { FilesSettings } from "./settings.ts";

const EVERY_MS = 5_000;

export const files: Protocol<FilesSettings, PickedAddress> = {
  name: "files",
  keys: ["folder", "pattern", "format", "separator", "decimalComma", "encoding", "sheet", ...TIME_KEYS, "every"],
  required: ["folder"],
  settingsOf(fields, context) {
    const { problems } = context;
    const text = (name: string, what: string): string | null =>
      optional(fields[name], (value) => textOf(value, what, problems));
    const folder = text("folder", "the path of a folder");
    const settings = {
      pattern: patternOf(text("pattern", "a name in which * is any text, such as *.csv") ?? "*"),
      format: optional(fields["format"], (value) => oneOf(value, FORMATS, problems)),
      separator: text("separator", "a separator of columns, such as ;"),
      encoding: optional(fields["encoding"], (value) => encodingIn(value, context)) ?? "utf-8",
      sheet: text("sheet", "the name of a sheet"),
      everyMs: optional(fields["every"], (value) => durationMsIn(value, "a duration such as 5s", problems)) ?? EVERY_MS,
      decimalComma: optional(fields["decimalComma"], (value) => booleanOf(value, problems)) ?? false,
      times: timesIn(fields, context),
    };
    return folder === null ? null : { folder, ...settings };
  },
  addressOf: pickedAddressIn,
  open: (settings, signals, host) => new FilesSource(settings, signals, host),
};

function encodingIn(value: Value, { problems }: SettingsContext): string | null {
  const expected = "an encoding such as windows-1252";
  const name = textOf(value, expected, problems);
  if (name === null) return null;
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return unexpected(value, expected, problems);
  }
}

function patternOf(text: string): RegExp {
  const source = text.split("*").map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`);
}
