/** `oee entry`: entries of a file to a running gateway, one after the other. Sent again they change nothing. */
import { type Command, Option } from "commander";
import { Failure, reasonOf } from "../failure.ts";
import { writeResults } from "../output/standard-output.ts";
import { readEntriesFile } from "../review/entries-file.ts";

const TIMEOUT_MS = 60_000;

export function define(command: Command): void {
  command
    .description("Sends baselines, targets, pilots, actions, reviews and acknowledgements of a file to a gateway.")
    .argument("<file>", "NDJSON, an entry a line, or YAML with baselines, targets, pilots, actions, reviews")
    .addOption(new Option("--url <address>", "of a gateway").default("http://127.0.0.1:8080"))
    .action(async (file: string, { url }: { readonly url: string }) => send(file, url));
}

async function send(file: string, url: string): Promise<void> {
  const { entries } = await readEntriesFile(file);
  await sendEntries(entries, url);
}

/** Prints each that was accepted. Throws `Failure` where any was refused. */
export async function sendEntries(entries: readonly unknown[], url: string): Promise<void> {
  let refused = 0;
  for (const entry of entries) {
    const answer = await post(`${url.replace(/\/$/, "")}/api/v1/entries`, entry);
    if (answer.status === 202) {
      await writeResults([`${JSON.stringify(answer.body.entries?.[0] ?? {})}\n`]);
      continue;
    }
    refused++;
    const { code, refusal, detail } = answer.body;
    process.stderr.write(
      `entry ${idOf(entry)}: ${refusal ?? code ?? answer.status}: ${detail ?? "no answer of a gateway"}\n`,
    );
  }
  if (refused > 0) throw new Failure(`${refused} of ${entries.length} entries were refused`);
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly entries?: readonly unknown[];
    readonly code?: string;
    readonly refusal?: string;
    readonly detail?: string;
  };
}

async function post(address: string, entry: unknown): Promise<Answer> {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(entry),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json().catch(() => ({}))) as Answer["body"];
    return { status: response.status, body };
  } catch (error) {
    throw new Failure(`cannot reach ${address}: ${reasonOf(error)}`, { cause: error });
  }
}

function idOf(entry: unknown): string {
  const id: unknown = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : null;
  return typeof id === "string" ? id : "without id";
}
