/**
 * `oee entry` sends the entries of a file to a running gateway, one after the other. Entries that are sent again
 * change nothing.
 */
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { type GatewayOptions, gatewayOptions, withGateway } from "../gateway-client.ts";
import { writeResults } from "../output/standard-output.ts";
import { readEntriesFile } from "../review/entries-file.ts";

export function define(command: Command): void {
  gatewayOptions(command)
    .description("Sends baselines, targets, pilots, actions, reviews and acknowledgements of a file to a gateway.")
    .argument("<file>", "NDJSON, an entry a line, or YAML with baselines, targets, pilots, actions, reviews")
    .action(async (file: string, options: GatewayOptions) => {
      const { entries } = await readEntriesFile(file);
      await sendEntries(entries, options);
    });
}

/** Prints each that was accepted. Throws `Failure` where any was refused. */
export async function sendEntries(entries: readonly unknown[], gateway: GatewayOptions): Promise<void> {
  await withGateway(gateway, async (request) => {
    let refused = 0;
    for (const entry of entries) {
      const { status, body } = await request("POST", "/entries", entry);
      const answer = (body ?? {}) as Answered;
      if (status === 202) {
        await writeResults([`${JSON.stringify(answer.entries?.[0] ?? {})}\n`]);
        continue;
      }
      refused++;
      const { code, refusal, detail } = answer;
      process.stderr.write(
        `entry ${idOf(entry)}: ${refusal ?? code ?? status}: ${detail ?? "no answer of a gateway"}\n`,
      );
    }
    if (refused > 0) throw new Failure(`${refused} of ${entries.length} entries were refused`);
  });
}

interface Answered {
  readonly entries?: readonly unknown[];
  readonly code?: string;
  readonly refusal?: string;
  readonly detail?: string;
}

function idOf(entry: unknown): string {
  const id: unknown = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : null;
  return typeof id === "string" ? id : "without id";
}
