/**
 * The command line `oee`: finds the command and loads it alone, so that help and small commands answer at once.
 * Exit codes: 0 when the job was done, 2 for a usage error, 1 otherwise. Results go to standard output,
 * everything else to standard error.
 */
import { SHIPPED_ZONES } from "@oee/model";
import { Command, CommanderError } from "commander";
import { Failure, reasonOf, UsageError } from "./failure.ts";
import { sourceStack } from "./output/source-stack.ts";
import { VERSION } from "./version.ts";

interface CommandModule {
  /** Gives the command its description, options and action. */
  define(command: Command): void;
}

const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<CommandModule> }>> = {
  start: {
    summary: "everything in one process, with the wall in the browser",
    load: () => import("./commands/start.ts"),
  },
  replay: { summary: "KPIs or stops straight from files of events", load: () => import("./commands/replay.ts") },
  review: {
    summary: "baselines, targets, pilots and quarterly reviews straight from files",
    load: () => import("./commands/review.ts"),
  },
  baseline: { summary: "compute a baseline and freeze it", load: () => import("./commands/baseline.ts") },
  entry: {
    summary: "baselines, targets, actions and other entries to a gateway",
    load: () => import("./commands/entry.ts"),
  },
  check: { summary: "validate plant files and connections files", load: () => import("./commands/check.ts") },
  simulate: { summary: "the digital twin: a plant that emits events", load: () => import("./commands/simulate.ts") },
  worker: { summary: "the stream worker alone, to scale out", load: () => import("./commands/worker.ts") },
  gateway: {
    summary: "API, websocket and dashboards alone, to scale out",
    load: () => import("./commands/gateway.ts"),
  },
  connect: {
    summary: "read machines by their protocols and send their events",
    load: () => import("./commands/connect.ts"),
  },
  verify: { summary: "compare stored rows with their events", load: () => import("./commands/verify.ts") },
  recompute: { summary: "rebuild a past span with today's plant file", load: () => import("./commands/recompute.ts") },
  export: { summary: "stored rows out", load: () => import("./commands/export.ts") },
  import: { summary: "history in", load: () => import("./commands/import.ts") },
  "dead-letters": { summary: "what was refused, and why", load: () => import("./commands/dead-letters.ts") },
  topics: {
    summary: "partitions of the topics on Kafka, and more of them",
    load: () => import("./commands/topics.ts"),
  },
  user: { summary: "who signs in with a password, and with which roles", load: () => import("./commands/user.ts") },
  token: { summary: "tokens of machines and displays", load: () => import("./commands/token.ts") },
  session: { summary: "who is signed in, and ending that", load: () => import("./commands/session.ts") },
  audit: { summary: "whether the audit is as it was written", load: () => import("./commands/audit.ts") },
  migrate: { summary: "make or update the tables of the store", load: () => import("./commands/migrate.ts") },
};

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<void> {
  const program = new Command("oee")
    .description("Open OEE: effectiveness and downtime of machines, lines and plants.")
    .version(`${VERSION} (time zones: IANA ${SHIPPED_ZONES.release})`)
    .showHelpAfterError("(oee --help lists the commands and options)")
    // Options that follow a command's name are that command's, and of a command within it that one's.
    .enablePositionalOptions()
    .exitOverride();
  const asked = args.filter((arg) => !arg.startsWith("-")).slice(0, 2);
  const name = asked[0] === "help" ? asked[1] : asked[0];
  for (const [known, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(known).summary(summary).description(summary);
    if (known === name) (await load()).define(command);
  }
  // Help for a command that does not exist is a usage error, as the command itself is.
  const exists = name === undefined || name === "help" || Object.hasOwn(COMMANDS, name);
  await program.parseAsync(exists ? args : [name], { from: "user" });
}

const ENDS_WITHIN_MS = 1_000;

/** The reader of our output has closed it, as `head` does: no message would be read. */
function endQuietlyWithoutReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.stderr.write(`oee: cannot write to standard output: ${error.message}\n`);
    process.exit(EXIT_FAILURE);
  });
  process.stderr.on("error", () => process.exit(EXIT_FAILURE));
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said already what it has to say. Help that was asked for is a job done.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  const text = error instanceof Failure || error instanceof UsageError ? error.message : codedOf(error);
  process.stderr.write(`oee: ${text}\n`);
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
}

/** An operating error has a code of docs/errors.md; anything else is ours to mend, and tells where it was. */
function codedOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && String(error.code).startsWith("OEE_")) return `${String(error.code)}: ${error.message}`;
  // A call of the system on a file, such as one on a disk that has become read-only.
  if ("syscall" in error && "path" in error) {
    return `OEE_FILE_UNUSABLE: ${String(error.syscall)} ${String(error.path)}: ${reasonOf(error)}`;
  }
  return error.stack === undefined ? error.message : sourceStack(error.stack);
}

endQuietlyWithoutReader();
try {
  await main(process.argv.slice(2));
} catch (error) {
  const code = exitCodeFor(error);
  process.exitCode = code;
  // What the command had begun when it failed, such as a connection that follows a topic, would keep the process for ever.
  setTimeout(() => process.exit(code), ENDS_WITHIN_MS).unref();
}
