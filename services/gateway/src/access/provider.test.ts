/**
 * Tokens that an honest provider never sends: of another issuer, unsigned, signed by an unknown key, or expired. A provider of
 * the test's own, over HTTP, signs what each test says. A real provider is in tests/access.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Provider } from "./provider.ts";
import { rolesOfGroups } from "./roles.ts";

const CLIENT = "open-oee";
const EVENTS = { "http://schemas.openid.net/event/backchannel-logout": {} };

interface Keys {
  readonly privateKey: CryptoKey;
  readonly jwk: object;
}

let server: Server;
let issuer: string;
let known: Keys;
let provider: Provider;
/** Makes the ID token that the token endpoint answers next. */
let idToken: (nonce: string) => Promise<string>;

async function newKeys(kid: string): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

let keysTakeMs = 0;

beforeEach(async () => {
  keysTakeMs = 0;
  known = await newKeys("known");
  server = createServer((request, response) => {
    void (async () => {
      response.setHeader("content-type", "application/json");
      if (request.url === "/keys") {
        await new Promise((resolve) => setTimeout(resolve, keysTakeMs));
        return response.end(JSON.stringify({ keys: [known.jwk] }));
      }
      if (request.url === "/token") {
        return response.end(
          JSON.stringify({ access_token: "a", token_type: "bearer", id_token: await idToken(nonce) }),
        );
      }
      const at = (path: string): string => `${issuer}/${path}`;
      return response.end(
        JSON.stringify({
          issuer,
          authorization_endpoint: at("authorize"),
          token_endpoint: at("token"),
          jwks_uri: at("keys"),
          response_types_supported: ["code"],
          id_token_signing_alg_values_supported: ["RS256"],
        }),
      );
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = new Provider({
    issuer,
    clientId: CLIENT,
    clientSecret: null,
    url: "http://127.0.0.1:1",
    roles: rolesOfGroups({ leads: ["supervisor@berlin", "viewer"] }),
    groups: "realm_access.roles",
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

let nonce = "";

const now = (): number => Math.floor(Date.now() / 1_000);
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  aud: CLIENT,
  sub: "s-1",
  iat: now(),
  exp: now() + 300,
  nonce,
  preferred_username: "anna",
  realm_access: { roles: ["leads", "others"] },
  ...more,
});

function signed(payload: JWTPayload, { privateKey }: Keys = known, kid = "known"): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
}

async function signIn(token: () => Promise<string>): ReturnType<Provider["finish"]> {
  const { flow } = await provider.begin("/wall");
  nonce = flow.nonce;
  idToken = token;
  return provider.finish(`code=c&state=${flow.state}&iss=${encodeURIComponent(issuer)}`, flow);
}

describe("an ID token", () => {
  test("that is valid gives the person, with the roles of those groups that the settings name", async () => {
    expect(await signIn(() => signed(claims()))).toMatchObject({
      name: "anna",
      grants: [
        { role: "supervisor", scope: "berlin" },
        { role: "viewer", scope: "*" },
      ],
    });
  });

  test("is accepted from a clock that differs by up to half a minute", async () => {
    await expect(signIn(() => signed(claims({ exp: now() - 20 })))).resolves.toMatchObject({ name: "anna" });
    await expect(signIn(() => signed(claims({ exp: now() - 60 })))).rejects.toThrow(/./);
    await expect(signIn(() => signed(claims({ nbf: now() + 60 })))).rejects.toThrow(/./);
  });

  test.each([
    ["of another issuer", () => signed(claims({ iss: "https://evil.example" }))],
    ["for another client", () => signed(claims({ aud: "other" }))],
    ["of another sign-in", () => signed(claims({ nonce: "other" }))],
    ["with alg none", async () => new UnsecuredJWT(claims()).encode()],
    ["of a key that the provider does not have", async () => signed(claims(), await newKeys("stranger"), "stranger")],
    ["that another key signed under a known name", async () => signed(claims(), await newKeys("known"))],
    ["with a payload that was changed", async () => tampered(await signed(claims()))],
    ["signed by what is public, as a secret", () => symmetric(claims())],
  ])("%s is refused", async (_, token) => {
    await expect(signIn(token)).rejects.toThrow(/./);
  });

  test("is not asked for with an answer of another provider", async () => {
    const { flow } = await provider.begin("/wall");
    await expect(provider.finish(`code=c&state=${flow.state}&iss=https%3A%2F%2Fevil.example`, flow)).rejects.toThrow(
      /./,
    );
    await expect(provider.finish("code=c&state=other", flow)).rejects.toThrow(/./);
    await expect(provider.finish(`error=access_denied&state=${flow.state}`, flow)).rejects.toThrow(/./);
  });
});

describe("keys of the provider", () => {
  /** Moves the clock on by some minutes. */
  const later = (minutes: number): void => void vi.setSystemTime(Date.now() + minutes * 60_000);

  afterEach(() => vi.useRealTimers());

  test("a new key is accepted, and a key that the provider has withdrawn signs nobody in any more", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const old = known;
    await expect(signIn(() => signed(claims()))).resolves.toMatchObject({ name: "anna" });
    expect(await provider.signedOut(await signed(logout()))).toMatchObject({ sid: "sid-1" });
    known = await newKeys("newer");
    later(2);
    await expect(signIn(() => signed(claims(), known, "newer"))).resolves.toMatchObject({ name: "anna" });
    expect(await provider.signedOut(await signed(logout(), known, "newer"))).toMatchObject({ sid: "sid-1" });
    await expect(signIn(() => signed(claims(), old))).rejects.toThrow(/./);
    await expect(signed(logout(), old).then((text) => provider.signedOut(text))).rejects.toThrow(/./);
  });

  test("a withdrawn key is accepted for at most ten minutes where no other key was asked for since", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const old = known;
    await expect(signIn(() => signed(claims()))).resolves.toMatchObject({ name: "anna" });
    expect(await provider.signedOut(await signed(logout()))).toMatchObject({ sid: "sid-1" });
    known = await newKeys("newer");
    later(11);
    await expect(signIn(() => signed(claims(), old))).rejects.toThrow(/./);
    await expect(signed(logout(), old).then((text) => provider.signedOut(text))).rejects.toThrow(/./);
  });
});

function logout(more: JWTPayload = {}): JWTPayload {
  const { nonce: _, ...rest } = claims({ events: EVENTS, sid: "sid-1", ...more });
  return rest;
}

describe("a logout token", () => {
  test("that is valid names the session", async () => {
    expect(await provider.signedOut(await signed(logout()))).toMatchObject({ sid: "sid-1" });
  });

  test("is not lost where the provider takes some seconds to give its keys", async () => {
    keysTakeMs = 6_000;
    expect(await provider.signedOut(await signed(logout()))).toMatchObject({ sid: "sid-1" });
  });

  test.each([
    ["of another issuer", () => signed(logout({ iss: "https://evil.example" }))],
    ["for another client", () => signed(logout({ aud: "other" }))],
    ["that is an ID token", () => signed(claims({ sid: "sid-1" }))],
    ["with a nonce", () => signed({ ...logout(), nonce: "n" })],
    ["of an hour ago", () => signed(logout({ iat: now() - 3_600 }))],
    ["with alg none", async () => new UnsecuredJWT(logout()).encode()],
    ["that is no token", async () => "nothing"],
  ])("%s is refused", async (_, token) => {
    await expect(token().then((text) => provider.signedOut(text))).rejects.toThrow(/./);
  });
});

test("roles of groups are read, and a malformed one is named in the error", () => {
  expect(() => rolesOfGroups({ leads: "king" })).toThrow(/leads: found "king"/);
  expect(() => rolesOfGroups(["leads"])).toThrow(/expected groups/);
});

function tampered(token: string): string {
  const [head, body = "", signature] = token.split(".");
  const payload = JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as object;
  const other = Buffer.from(JSON.stringify({ ...payload, preferred_username: "boss" })).toString("base64url");
  return [head, other, signature].join(".");
}

function symmetric(payload: JWTPayload): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(known.jwk));
  return new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: "known" }).sign(secret);
}
