/**
 * A client of a gateway: signs in with a name and a password, and out again at the end; or sends requests without
 * sign-in to a gateway that has none.
 */
import { Option, type Command } from "commander";
import { Failure, UsageError } from "./failure.ts";
import { readSecret } from "./secret.ts";
import { whyUnreachable } from "@oee/pacing";

export interface GatewayOptions {
  readonly url: string;
  readonly user?: string | undefined;
  readonly passwordStdin?: boolean | undefined;
}

const TIMEOUT_MS = 120_000;

export function gatewayOptions(command: Command): Command {
  return command
    .addOption(new Option("--url <address>", "of a gateway").env("OEE_URL").default("http://127.0.0.1:8080"))
    .addOption(new Option("--user <name>", "who signs in").env("OEE_USER"))
    .addOption(new Option("--password-stdin", "the password is the first line of standard input"));
}

export interface Answer {
  readonly status: number;
  /** What JSON it has; `null`: none. */
  readonly body: unknown;
}

/** Throws `Failure` where there is no answer. */
export type Request = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** Throws `Failure` with what the gateway says where it refuses. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Throws `UsageError` without `--user`, and `Failure` with the gateway's message. */
export async function asPerson<T>(options: GatewayOptions, work: (ask: Ask) => Promise<T>): Promise<T> {
  if (options.user === undefined) throw new UsageError("expected --user, an administrator");
  return withGateway(options, (request) => work(asking(request)));
}

/** Signs in where `--user` is given. Throws `UsageError`, and `Failure` with the gateway's message. */
export async function withGateway<T>(
  { url, user, passwordStdin }: GatewayOptions,
  work: (request: Request) => Promise<T>,
): Promise<T> {
  if (!URL.canParse(url)) throw new UsageError(`--url: found ${JSON.stringify(url)}, expected an address`);
  const base = url.replace(/\/$/, "");
  let cookie = "";
  const request: Request = async (method, path, body) => {
    const headers = {
      ...(cookie === "" ? {} : { cookie }),
      "oee-request": "cli",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    let response: Response;
    try {
      response = await fetch(`${base}/api/v1${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new Failure(`cannot reach ${url}: ${whyUnreachable(error)}`, { cause: error });
    }
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(";")[0] ?? "";
    return { status: response.status, body: await response.json().catch(() => null) };
  };
  if (user === undefined) return work(request);
  const password = process.env["OEE_PASSWORD"] ?? (await readSecret(`Password of ${user}: `, passwordStdin === true));
  const ask = asking(request);
  const first = await request("POST", "/session", { name: user, password });
  if ((first.body as { readonly code?: string } | null)?.code === "OEE_HTTP_SECOND_FACTOR") {
    const code = process.env["OEE_CODE"] ?? (await readSecret(`Code of ${user}'s authenticator app: `, false));
    await ask("POST", "/session", { name: user, password, code });
  } else expectTaken(first);
  try {
    return await work(request);
  } finally {
    await ask("DELETE", "/session").catch(() => undefined);
  }
}

export function asking(request: Request): Ask {
  return async (method, path, body) => expectTaken(await request(method, path, body));
}

/** What it answered. Throws `Failure` where it refused. */
function expectTaken({ status, body }: Answer): unknown {
  if (status >= 200 && status < 300) return body;
  const { code, detail } = (body ?? {}) as { readonly code?: string; readonly detail?: string };
  throw new Failure(`${code ?? status}: ${detail ?? "no answer of a gateway"}`);
}
