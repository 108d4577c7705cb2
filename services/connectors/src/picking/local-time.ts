/**
 * Instants as people and controllers write them: local times in a form, of a zone. An hour that a zone's clocks show twice is
 * taken as the first, one that they leave out as what they would have shown.
 */
import { parseInstant, SHIPPED_ZONES, type Zone } from "@oee/model";
import { type Fields, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import type { SettingsContext } from "../port.ts";

export const TIME_KEYS = ["timezone", "dates"] as const;

/** Reads how a connection's peers write local times. */
export function timesIn(fields: Fields<string>, context: SettingsContext): LocalTimes {
  const zone = optional(fields["timezone"], (value) => zoneIn(value, context));
  const form = optional(fields["dates"], (value) => formIn(value, context));
  return new LocalTimes(form, zone);
}

function zoneIn(value: Value, { problems }: SettingsContext): Zone | null {
  const name = textOf(value, "a time zone such as Europe/Berlin", problems);
  if (name === null) return null;
  return SHIPPED_ZONES.zone(name) ?? unexpected(value, "a time zone such as Europe/Berlin", problems);
}

function formIn(value: Value, { problems }: SettingsContext): string | null {
  const expected = "a form such as dd.MM.yyyy HH:mm:ss";
  const form = textOf(value, expected, problems);
  return form === null || LocalTimes.isForm(form) ? form : unexpected(value, expected, problems);
}

const PARTS = {
  yyyy: "(?<year>\\d{4})",
  MM: "(?<month>\\d{1,2})",
  dd: "(?<day>\\d{1,2})",
  HH: "(?<hour>\\d{1,2})",
  mm: "(?<minute>\\d{2})",
  ss: "(?<second>\\d{2})",
  SSS: "(?<fraction>\\d{1,3})",
} as const;
const TOKEN = /yyyy|MM|dd|HH|mm|ss|SSS/g;
const DAY_MS = 86_400_000;

/** Reads local times without their offset. */
export class LocalTimes {
  readonly #forms: readonly RegExp[];
  readonly #zone: Zone | null;

  /** `form` as `dd.MM.yyyy HH:mm:ss`; `null`: `yyyy-MM-dd HH:mm`, with seconds, fractions and a `T` if they are there. */
  constructor(form: string | null, zone: Zone | null) {
    const forms = form === null ? ISO_FORMS : [form];
    this.#forms = forms.map((text) => formOf(text));
    this.#zone = zone;
  }

  /** Whether a text is a form of dates. */
  static isForm(text: string): boolean {
    const tokens = text.match(TOKEN) ?? [];
    return (
      ["yyyy", "MM", "dd"].every((token) => tokens.some((found) => found === token)) &&
      new Set(tokens).size === tokens.length
    );
  }

  /** Epoch ms of an RFC 3339 text, of epoch milliseconds, or of a local time; `null`: it is none of them. */
  instantOf(found: unknown): number | null {
    if (typeof found === "number") return Number.isSafeInteger(found) ? found : null;
    if (found instanceof Date) return this.#toInstant(found.getTime());
    if (typeof found !== "string") return null;
    const text = found.trim();
    const instant = parseInstant(text);
    if (instant !== null) return instant;
    for (const form of this.#forms) {
      const parts = form.exec(text)?.groups;
      if (parts !== undefined) return this.#fromParts(parts);
    }
    return null;
  }

  #fromParts(parts: Readonly<Record<string, string | undefined>>): number | null {
    const part = (name: string, otherwise = 0): number => Number(parts[name] ?? otherwise);
    const month = part("month");
    const local = Date.UTC(part("year"), month - 1, part("day"), part("hour"), part("minute"), part("second"));
    const back = new Date(local);
    const isDate = back.getUTCMonth() === month - 1 && back.getUTCDate() === part("day");
    if (!isDate || part("hour") > 23 || part("minute") > 59 || part("second") > 59) return null;
    return this.#toInstant(local + Number((parts["fraction"] ?? "").padEnd(3, "0")));
  }

  /** `local` is what the clocks show, read as if it were UTC. */
  #toInstant(local: number): number | null {
    const zone = this.#zone;
    if (zone === null) return null;
    const offsets = [zone.offsetMs(local - DAY_MS), zone.offsetMs(local + DAY_MS)];
    const candidates = offsets.map((offset) => local - offset).filter((at) => zone.offsetMs(at) === local - at);
    return candidates.length > 0 ? Math.min(...candidates) : local - (offsets[0] ?? 0);
  }
}

const ISO_FORMS = [
  "yyyy-MM-dd HH:mm",
  "yyyy-MM-dd HH:mm:ss",
  "yyyy-MM-dd HH:mm:ss.SSS",
  "yyyy-MM-ddTHH:mm",
  "yyyy-MM-ddTHH:mm:ss",
  "yyyy-MM-ddTHH:mm:ss.SSS",
];

function formOf(text: string): RegExp {
  const source = text
    .split(/(yyyy|MM|dd|HH|mm|ss|SSS)/)
    .map((part) => (part in PARTS ? PARTS[part as keyof typeof PARTS] : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")))
    .join("");
  return new RegExp(`^${source}$`);
}
