/**
 * Writes audit lines for what changes without a request to a gateway: the plant file in force, the settings of a
 * process, the schema of the store, and the users file. Each is compared with what the audit says last, so that a
 * change made while no process ran is written at the next start, and one that several processes see once. A line that
 * the log does not take is written again until it does.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { AuditFacts, AuditLog, AuditState, StateKind } from "@oee/gateway";
import { textOfGrant } from "@oee/gateway/access/roles";
import type { Users, UsersWritten } from "@oee/gateway/access/users";
import type { Plant } from "@oee/model";
import { retry } from "@oee/pacing";
import type { Logger } from "pino";
import { reasonOf } from "../failure.ts";
import { whoRuns } from "./who-runs.ts";

/** Files that settings name and that are read again while the process runs; keys and secrets are not among them. */
const REREAD = [
  ...(["roles", "connections", "tlsCert", "tlsClientCa", "tlsClientCrl", "tlsOcsp"] as const),
  ...(["kafkaCrl", "clickhouseCrl"] as const),
];
/** And those that are read at the start alone. */
const READ_AT_START = [
  ...(["settings", "oidcRoles"] as const),
  ...(["kafkaCa", "kafkaCert", "clickhouseCa", "clickhouseCert"] as const),
];
const FILES_LOOKED_AT_EVERY_MS = 10_000;
const SECRET = /password|secret|token/i;

interface Change {
  readonly kind: StateKind;
  readonly what: string;
  /** `null`: it is no more. */
  readonly now: AuditState | null;
}

export class AuditChanges {
  readonly #audit: AuditLog;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #looking: NodeJS.Timeout | null = null;

  /** `audit` was started by the caller, who closes it after this. */
  constructor(audit: AuditLog, logger: Logger) {
    this.#audit = audit;
    this.#logger = logger;
  }

  /** A plant file that is in force now. */
  plant(plant: Plant, file: string): void {
    this.#tell(whoRuns(), () => [{ kind: "plant-file", what: "", now: { version: plant.version, file } }]);
  }

  /** The schema that the store has now, by the number of its newest migration. */
  schema(number: number): void {
    this.#tell(whoRuns(), () => [{ kind: "schema", what: "", now: { number } }]);
  }

  /** The settings of this process, `command` being what it is; told again when a file that they name changes. */
  settings(command: string, given: Readonly<Record<string, unknown>>): void {
    const { host, port } = given;
    const runs = whoRuns();
    const what = `${command} ${String(host)}:${String(port)} on ${runs.from}`;
    const atStart = digestsOf(given, READ_AT_START);
    const tell = (): void => {
      const now = { ...withoutSecrets(given), ...atStart, ...digestsOf(given, REREAD) };
      this.#tell(runs, () => [{ kind: "settings", what, now }]);
    };
    tell();
    this.#looking = setInterval(tell, FILES_LOOKED_AT_EVERY_MS);
    this.#looking.unref();
  }

  /** Who may sign in with a password now. `written`: what `oee user` says of who wrote the file; `null`: it was written otherwise. */
  users(users: Users, written: UsersWritten | null): void {
    const by = written === null ? { who: null, from: null } : { who: written.by, from: written.on };
    this.#tell(by, () => {
      const all = new Map([...users.values()].map((user) => [user.id, user]));
      const gone = this.#audit.states.named("user").filter((id) => !all.has(id));
      return [
        ...gone.map((what): Change => ({ kind: "user", what, now: null })),
        ...[...all.values()].map(({ id, grants, password, secondFactor, email }): Change => {
          // Salted, or sealed, so that its digest says that it is another one, and nothing else.
          const factor = secondFactor === undefined ? {} : { secondFactor: digestOf(secondFactor) };
          // Nothing that the address could be guessed by: a line of the audit is never erased.
          const address = email === undefined ? {} : { email: "set" };
          const now = { roles: grants.map(textOfGrant), password: digestOf(password), ...factor, ...address };
          return { kind: "user", what: id, now };
        }),
      ];
    });
  }

  async close(): Promise<void> {
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#closing.abort();
    await this.#work;
  }

  #tell(by: Pick<AuditFacts, "who" | "from">, changes: () => readonly Change[]): void {
    this.#work = this.#work.then(async () => {
      await retry(
        () => this.#write(by, changes()),
        (error) => this.#logger.warn({ why: reasonOf(error) }, "a change is not in the audit yet"),
        this.#closing.signal,
      );
    });
  }

  async #write(by: Pick<AuditFacts, "who" | "from">, changes: readonly Change[]): Promise<void> {
    const { signal } = this.#closing;
    await unlessAborted(this.#audit.caughtUp, signal);
    let told = false;
    for (const { kind, what, now } of changes) {
      if (signal.aborted) return;
      const differences = this.#audit.states.differences(kind, what, now);
      if (differences === null) continue;
      await this.#audit.write({ ...by, kind, what, scope: "*", ...differences });
      told = true;
    }
    // The lines are what is compared with next.
    if (told) await unlessAborted(this.#audit.stored(), signal);
  }
}

/** Leaves no listener behind: settings are looked at for as long as the process lives. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener("abort", stop);
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", stop));
}

/** The settings as JSON has them; of secrets only that they are set. */
function withoutSecrets(given: Readonly<Record<string, unknown>>): AuditState {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (SECRET.test(name)) return [[name, "set"]];
      return [[name, typeof value === "string" ? withoutCredentials(value) : value]];
    }),
  );
}

function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === "" && url.password === "") return text;
  url.username = url.password = "";
  return url.href;
}

function digestsOf(given: Readonly<Record<string, unknown>>, names: readonly string[]): AuditState {
  return Object.fromEntries(
    names.flatMap((name) => {
      const file = given[name];
      if (typeof file !== "string" || !existsSync(file)) return [];
      try {
        return [[`${name}Sha256`, digestOf(readFileSync(file))]];
      } catch {
        return [];
      }
    }),
  );
}

function digestOf(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
