/** Values of options, read as the contract writes them; commander tells the option with the message. */
import { durationMsOf, parseInstant } from "@oee/model";
import { RETENTION_DAYS_MAX } from "@oee/store/retention";
import { InvalidArgumentError } from "commander";

/** An instant (epoch ms): RFC 3339, or epoch milliseconds. */
export function instantOption(text: string): number {
  const instant = /^[0-9]{1,15}$/.test(text) ? Number(text) : parseInstant(text);
  if (instant !== null) return instant;
  throw new InvalidArgumentError("Expected an instant such as 2026-03-02T06:00:00Z, or epoch milliseconds.");
}

/** A duration above 0 (ms). */
export function durationOption(text: string): number {
  const durationMs = durationMsOf(text);
  if (durationMs !== null && durationMs > 0) return durationMs;
  throw new InvalidArgumentError("Expected a duration above 0 such as 8h, 30m or 1500ms.");
}

/** Whole days, or for ever. */
export type Keep = number | "forever";

/** How long to keep something. */
export function keepOption(text: string): Keep {
  if (text === "forever") return text;
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= RETENTION_DAYS_MAX) return days;
  throw new InvalidArgumentError(`Expected whole days, 1 to ${RETENTION_DAYS_MAX}, or forever.`);
}

/** A number above 0. */
export function factorOption(text: string): number {
  const factor = Number(text);
  if (text.trim() !== "" && factor > 0 && Number.isFinite(factor)) return factor;
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** A probability, 0 to 1. */
export function probabilityOption(text: string): number {
  const probability = Number(text);
  if (text.trim() !== "" && probability >= 0 && probability <= 1) return probability;
  throw new InvalidArgumentError("Expected a number from 0 to 1.");
}
