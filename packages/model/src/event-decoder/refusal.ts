/** What the decoder answers instead of an event (DI-2): the code, and in words what was found and what was expected. */
import type { RefusalCode } from "../event.ts";

export interface Refusal {
  readonly code: RefusalCode;
  /** For people; a few hundred characters at most, whatever was found. */
  readonly detail: string;
}

const TEXT_SHOWN_MAX = 80;

export function isRefusal(decoded: object): decoded is Refusal {
  return "code" in decoded;
}

/** A value as a detail shows it: texts quoted and shortened, objects and arrays only named. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.length <= TEXT_SHOWN_MAX
        ? JSON.stringify(value)
        : `${JSON.stringify(value.slice(0, TEXT_SHOWN_MAX))}… (${value.length} characters)`;
    case "number":
    case "boolean":
    case "bigint":
      return shortened(String(value));
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
    case "undefined":
      return "nothing";
    default:
      return `a ${typeof value}`;
  }
}

export function shortened(text: string): string {
  return text.length <= TEXT_SHOWN_MAX ? text : `${text.slice(0, TEXT_SHOWN_MAX)}…`;
}
