/** A gateway on which people sign in, and requests as one of them. */
import { randomBytes } from "node:crypto";
import type { Store } from "@oee/store";
import type { AccessOptions, GatewayOptions } from "../src/index.ts";
import { digestOfPassword } from "../src/access/passwords.ts";
import { grantOf } from "../src/access/roles.ts";
import { newPersonId, type User } from "../src/access/users.ts";
import { startGateway, type TestGateway } from "./gateway-fixture.ts";

/** The password of all test users. */
export const PASSWORD: string = randomBytes(12).toString("hex");

let digest: Promise<string> | null = null;

/** Users by name, with roles such as `supervisor@berlin/packing`. */
export async function usersOf(roles: Readonly<Record<string, readonly string[]>>): Promise<Map<string, User>> {
  digest ??= digestOfPassword(PASSWORD, null);
  const password = await digest;
  return new Map(
    Object.entries(roles).map(([name, texts]) => {
      const grants = texts.map((text) => {
        const grant = grantOf(text);
        if (grant === null) throw new Error(`${text} is no role`);
        return grant;
      });
      return [name, { id: newPersonId(), name, password, grants }];
    }),
  );
}

export interface SignedGateway extends TestGateway {
  readonly users: Map<string, User>;
  /** Sends a request as a person; `null`: without signing in. */
  as(name: string | null, path: string, init?: RequestInit): Promise<Response>;
  /** Sends a request with a token. */
  bearing(token: string, path: string, init?: RequestInit): Promise<Response>;
  cookieOf(name: string): Promise<string>;
}

type MoreOptions = Partial<GatewayOptions> & { readonly signIn?: Partial<AccessOptions> };

export async function startSigned(
  store: Store,
  roles: Readonly<Record<string, readonly string[]>>,
  more: MoreOptions = {},
): Promise<SignedGateway> {
  const users = await usersOf(roles);
  const { signIn, ...options } = more;
  const gateway = await startGateway(store, { access: { users: () => users, ...signIn }, ...options });
  return signedOn(gateway, users);
}

/** Starts a further gateway on the log and with the users of another. */
export async function startBeside(one: SignedGateway, store: Store, more: MoreOptions = {}): Promise<SignedGateway> {
  const { signIn, ...options } = more;
  const access = { users: () => one.users, ...signIn };
  return signedOn(await startGateway(store, { access, log: one.log, ...options }), one.users);
}

export function signedOn(gateway: TestGateway, users: Map<string, User>): SignedGateway {
  const cookies = new Map<string, string>();
  const ask = (path: string, init: RequestInit, more: Readonly<Record<string, string>>): Promise<Response> => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    if (init.body != null && !headers.has("content-type")) headers.set("content-type", "application/json");
    return fetch(`${gateway.url}${path}`, { redirect: "manual", ...init, headers });
  };
  const cookieOf = async (name: string): Promise<string> => {
    const known = cookies.get(name);
    if (known !== undefined) return known;
    const body = JSON.stringify({ name, password: PASSWORD });
    const answer = await ask("/api/v1/session", { method: "POST", body }, {});
    if (answer.status !== 200) throw new Error(`${name} cannot sign in: ${await answer.text()}`);
    const cookie = cookieFrom(answer);
    cookies.set(name, cookie);
    return cookie;
  };
  return Object.assign(gateway, {
    users,
    cookieOf,
    as: async (name: string | null, path: string, init: RequestInit = {}) =>
      ask(path, init, name === null ? {} : { cookie: await cookieOf(name), origin: gateway.url }),
    bearing: (token: string, path: string, init: RequestInit = {}) =>
      ask(path, init, { authorization: `Bearer ${token}` }),
  });
}

/** The first cookie that an answer sets, as a browser sends it back. */
export function cookieFrom(answer: Response): string {
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

/** Sends a request of the HTTP API with a session's cookie. */
export function askBy(
  gateway: TestGateway,
  method: string,
  path: string,
  cookie: string,
  body?: object,
): Promise<Response> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  return fetch(`${gateway.url}/api/v1${path}`, {
    method,
    headers: { cookie, "oee-request": "test", ...type },
    ...sent,
  });
}

/** The status with which a gateway answers a session that asks for the plant. */
export async function statusBy(gateway: TestGateway, cookie: string): Promise<number> {
  return (await askBy(gateway, "GET", "/plant", cookie)).status;
}
