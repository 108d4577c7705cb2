/** Asks a gateway as a person: signs in with a name and a password, and out again when all is done. */
import { Option, type Command } from "commander";
import { Failure, reasonOf, UsageError } from "./failure.ts";
import { readSecret } from "./secret.ts";

export interface GatewayOptions {
  readonly url: string;
  readonly user?: string;
  readonly passwordStdin?: boolean;
}

const TIMEOUT_MS = 60_000;

export function gatewayOptions(command: Command): Command {
  return command
    .addOption(new Option("--url <address>", "of a gateway").env("OEE_URL").default("http://127.0.0.1:8080"))
    .addOption(new Option("--user <name>", "who signs in").env("OEE_USER"))
    .addOption(new Option("--password-stdin", "the password is the first line of standard input"));
}

export type Ask = (method: string, path: string, body?: object) => Promise<unknown>;

/** Throws `UsageError`, and `Failure` with what the gateway says. */
export async function asPerson<T>(
  { url, user, passwordStdin }: GatewayOptions,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  if (user === undefined) throw new UsageError("expected --user, an administrator");
  if (!URL.canParse(url)) throw new UsageError(`--url: found ${JSON.stringify(url)}, expected an address`);
  const password = process.env["OEE_PASSWORD"] ?? (await readSecret(`Password of ${user}: `, passwordStdin === true));
  let cookie = "";
  const ask: Ask = async (method, path, body) => {
    const headers = {
      ...(cookie === "" ? {} : { cookie }),
      "oee-request": "cli",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    let response: Response;
    try {
      response = await fetch(new URL(`/api/v1${path}`, url), {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      throw new Failure(`cannot reach ${url}: ${reasonOf(cause ?? error)}`, { cause: error });
    }
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(";")[0] ?? "";
    const answer = (await response.json().catch(() => null)) as {
      readonly code?: string;
      readonly detail?: string;
    } | null;
    if (response.ok) return answer;
    throw new Failure(`${answer?.code ?? response.status}: ${answer?.detail ?? "no answer of a gateway"}`);
  };
  await ask("POST", "/session", { name: user, password });
  try {
    return await work(ask);
  } finally {
    await ask("DELETE", "/session").catch(() => undefined);
  }
}
