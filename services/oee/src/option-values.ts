/** Values of options, read as the contract writes them. */
import { InvalidArgumentError } from "commander";
import { parseInstant } from "@oee/model";

/** An instant (epoch ms): RFC 3339, or epoch milliseconds. */
export function instantOption(text: string): number {
  const instant = /^[0-9]{1,15}$/.test(text) ? Number(text) : parseInstant(text);
  if (instant !== null) return instant;
  throw new InvalidArgumentError("Expected an instant such as 2026-03-02T06:00:00Z, or epoch milliseconds.");
}
