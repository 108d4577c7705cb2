/**
 * Runs the suite with sign-in. With `OEE_TEST_SIGN_IN=1` every gateway that a test starts without users of its own has one user, an
 * administrator of the whole plant. Requests of tests carry that user's session: those by `fetch` and `node:http`, websockets, pages
 * of a browser, and commands with `--url`. A request with a cookie or a token of its own is left as it is. A gateway that has to be
 * without sign-in is started by `openGateway`, with the reason.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { User, Users } from "@oee/gateway/access/users";

export const SIGNS_IN: boolean = process.env["OEE_TEST_SIGN_IN"] === "1";

const NAME = "tester";
const PASSWORD = "the pass phrase of the suite";

/** The digest of `PASSWORD` by argon2id with little work, because the suite signs in at hundreds of gateways. */
const DIGEST = "$argon2id$v=19$m=64,t=1,p=1$gv5rxOyGQBTAkhlrBYYHIg$CxTSJhoNKsQ4oXXZYCql7MV6NdOXAmUQD46hO9NsWS0";
const USER: User = {
  id: "person-7e57e57e57e57e57e57e57e5",
  name: NAME,
  password: DIGEST,
  grants: [{ role: "admin", scope: "*" }],
};

/** Id, name and password of that user. */
export const suitePerson = { id: USER.id, name: NAME, password: PASSWORD } as const;

/** The users of a gateway in the process of the test. */
export const SUITE_USERS: Users = new Map([[NAME, USER]]);

/** The field `by` of a request: none where people sign in, since the gateway then knows who asks. */
export function saidBy(name: string): { readonly by?: string } {
  return SIGNS_IN ? {} : { by: name };
}

/** The name that answers show for an entry with `saidBy(name)`. */
export function shownBy(name: string | null): string | null {
  return SIGNS_IN ? NAME : name;
}

/** The name or id that log and store hold for an entry with `saidBy(name)`. */
export function keptBy(name: string): string {
  return SIGNS_IN ? USER.id : name;
}

interface Credentials {
  readonly cookie: string;
  /** A token that may send events and read. */
  readonly token: string;
}

/** Credentials by the origin of the gateway, such as `http://127.0.0.1:4711`. */
const known = new Map<string, Credentials>();
let file: string | null = null;

/** The path of a users file, for gateways that are processes of their own. */
export function suiteUsersFile(): string {
  if (file !== null) return file;
  const folder = mkdtempSync(join(tmpdir(), "oee-suite-users-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  file = join(folder, "users.json");
  const { id, name, password } = USER;
  writeFileSync(file, JSON.stringify({ users: [{ id, name, password, roles: ["admin"] }] }));
  return file;
}

/**
 * Signs in at a gateway: requests to it carry the session from then on. Does nothing at a gateway that still waits for its log, since
 * nobody can sign in there. Throws if the gateway refuses.
 */
export async function signInTo(url: string): Promise<void> {
  if (!SIGNS_IN) return;
  const { origin } = new URL(url);
  const health = await fetch(`${origin}/health/ready`);
  // Only a gateway that waits gives a `reason`.
  if (((await health.json()) as { readonly reason?: string }).reason !== undefined) return;
  // The gateway ends the session of the request that signs in. An open page may still have it, from before the gateway started again:
  // so the request goes without it.
  known.delete(origin);
  const ask = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const init = {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${origin}/api/v1${path}`, init);
    if (!answer.ok) throw new Error(`the suite cannot sign in at ${origin}: ${await answer.text()}`);
    return answer;
  };
  const signed = await ask("/session", { name: NAME, password: PASSWORD });
  const cookie = signed.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const wanted = { name: "suite", scopes: ["*"], may: ["events:write", "read"] };
  const made = await ask("/tokens", wanted, { cookie, "oee-request": "suite" });
  const { token } = (await made.json()) as { readonly token: string };
  known.set(origin, { cookie, token });
}

/** Uses the credentials of a gateway for a further address of it, such as that of a network that can be cut. */
export function alsoAt(url: string, gateway: string): void {
  const credentials = known.get(new URL(gateway).origin);
  if (credentials !== undefined) known.set(new URL(url).origin, credentials);
}

/** Headers for a request to this address; none if nobody signs in there. `oee-request` is needed beside a cookie: another site's page cannot send it. */
export function credentialsFor(url: string | URL): Readonly<Record<string, string>> {
  if (known.size === 0 || !URL.canParse(url)) return {};
  const credentials = known.get(new URL(url).origin);
  return credentials === undefined ? {} : { cookie: credentials.cookie, "oee-request": "suite" };
}

/** The token with which machines can send events; `null` if nobody signs in there. */
export function tokenFor(url: string): string | null {
  return known.get(new URL(url).origin)?.token ?? null;
}

/** `credentialsFor` as lines of a raw HTTP request, each with its CRLF. */
export function credentialLinesFor(url: string): string {
  return Object.entries(credentialsFor(url))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

/** Whether a command starts a gateway. */
export function hasSignIn([command]: readonly string[]): boolean {
  return command === "start" || command === "gateway";
}

/** Environment variables of a command: the users of a gateway that it starts, or the credentials for one that it asks by `--url`. */
export function environmentFor(args: readonly string[]): Readonly<Record<string, string>> {
  if (!SIGNS_IN) return {};
  if (hasSignIn(args)) return { OEE_USERS: suiteUsersFile() };
  const at = args.indexOf("--url");
  const url = at < 0 ? undefined : args[at + 1];
  const credentials = url !== undefined && URL.canParse(url) ? known.get(new URL(url).origin) : undefined;
  if (credentials === undefined) return {};
  const { token } = credentials;
  return { OEE_USER: NAME, OEE_PASSWORD: PASSWORD, OEE_IMPORT_TOKEN: token, OEE_CONNECT_TOKEN: token };
}
