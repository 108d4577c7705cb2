/** `oee baseline`: has a gateway compute a baseline of a scope and dates, and freeze it (BL-2). */
import type { Command } from "commander";
import { type GatewayOptions, gatewayOptions } from "../gateway-client.ts";
import { sendEntries } from "./entry.ts";

interface BaselineOptions extends GatewayOptions {
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly id: string;
  readonly rev?: number;
  readonly effective?: string;
  readonly by?: string;
  readonly note?: string;
}

export function define(command: Command): void {
  gatewayOptions(command)
    .description("Computes a baseline of a scope and dates from what a gateway has stored, and freezes it as an entry.")
    .option("--scope <scope>", "of which it is", "*")
    .requiredOption("--from <date>", "first date, yyyy-mm-dd")
    .requiredOption("--to <date>", "the first date that no longer belongs")
    .requiredOption("--id <id>", "identifies it; targets name it by this")
    .option("--rev <number>", "revision, one more than the newest; then it is frozen anew (default: 1)", Number)
    .option("--effective <date>", "from which date on it is in force (default: --to)")
    .option("--by <name>", "who enters it, where nobody signs in")
    .option("--note <text>", "why")
    .action(async ({ url, user, passwordStdin, rev = 1, ...fields }: BaselineOptions) => {
      const anew = rev > 1 ? { freeze: "now" } : {};
      await sendEntries([{ type: "baseline", rev, ...fields, ...anew }], { url, user, passwordStdin });
    });
}
