/**
 * The suite with sign-in. With `OEE_TEST_SIGN_IN=1` every gateway that a test starts without saying who signs in has one user, an
 * administrator of the whole plant, and what tests ask of it carries that user's session: requests by `fetch` and `node:http`,
 * websockets, pages of a browser, and commands with `--url`. A request with a cookie or a token of its own is left as it is.
 * A gateway that has to be without sign-in is started by `openGateway`, with the reason.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { User, Users } from "@oee/gateway";

export const SIGNS_IN: boolean = process.env["OEE_TEST_SIGN_IN"] === "1";

const NAME = "tester";
const PASSWORD = "the pass phrase of the suite";

/** argon2id with little work, for the suite signs in at hundreds of gateways. */
const DIGEST = "$argon2id$v=19$m=64,t=1,p=1$gv5rxOyGQBTAkhlrBYYHIg$CxTSJhoNKsQ4oXXZYCql7MV6NdOXAmUQD46hO9NsWS0";
const USER: User = {
  id: "person-7e57e57e57e57e57e57e57e5",
  name: NAME,
  password: DIGEST,
  grants: [{ role: "admin", scope: "*" }],
};

/** What that user signs in with. */
export const suitePerson = { id: USER.id, name: NAME, password: PASSWORD } as const;

/** Of a gateway within the test. */
export const SUITE_USERS: Users = new Map([[NAME, USER]]);

/** `by` as a client says it: nothing where people sign in, for it is whoever is signed in. */
export function saidBy(name: string): { readonly by?: string } {
  return SIGNS_IN ? {} : { by: name };
}

/** Who an answer shows for what was put in by `saidBy`. */
export function shownBy(name: string | null): string | null {
  return SIGNS_IN ? NAME : name;
}

/** Who the log and the store hold for it. */
export function keptBy(name: string): string {
  return SIGNS_IN ? USER.id : name;
}

interface Credentials {
  readonly cookie: string;
  /** May send events and read. */
  readonly token: string;
}

/** By the address of the gateway, such as `http://127.0.0.1:4711`. */
const known = new Map<string, Credentials>();
let file: string | null = null;

/** Of gateways that are processes of their own: the users file. */
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
 * Signs in at a gateway: from now on what is asked of it carries the session. One that waits for the log, where nobody can
 * sign in, is left as it is. Throws where it is refused.
 */
export async function signInTo(url: string): Promise<void> {
  if (!SIGNS_IN) return;
  const { origin } = new URL(url);
  const health = await fetch(`${origin}/health/ready`);
  // While it waits, and then alone, it says for what.
  if (((await health.json()) as { readonly reason?: string }).reason !== undefined) return;
  // A sign-in ends the session that it comes with, which an open page may have of this gateway before it was started again.
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

/** The same gateway by another address, as through a network that can be cut. */
export function alsoAt(url: string, gateway: string): void {
  const credentials = known.get(new URL(gateway).origin);
  if (credentials !== undefined) known.set(new URL(url).origin, credentials);
}

/** What a request to this address carries; empty: nobody signs in there. With a cookie a program says that the request is its own. */
export function credentialsFor(url: string | URL): Readonly<Record<string, string>> {
  if (known.size === 0 || !URL.canParse(url)) return {};
  const credentials = known.get(new URL(url).origin);
  return credentials === undefined ? {} : { cookie: credentials.cookie, "oee-request": "suite" };
}

/** What machines may send with; `null`: nobody signs in there. */
export function tokenFor(url: string): string | null {
  return known.get(new URL(url).origin)?.token ?? null;
}

/** The same as lines of a request's head, each with its end. */
export function credentialLinesFor(url: string): string {
  return Object.entries(credentialsFor(url))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

/** Whether a command starts a gateway. */
export function hasSignIn([command]: readonly string[]): boolean {
  return command === "start" || command === "gateway";
}

/** The environment of a command: who signs in at a gateway that it starts or asks. */
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
