import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openMemoryTopics } from "../../test/memory-topics.ts";
import { Access, type AccessOptions, type AccessParts } from "./access.ts";
import { cookieName } from "./cookies.ts";

async function openAccess(
  options: Partial<AccessOptions> = {},
  onNameOver: AccessParts["onNameOver"] = () => Promise.resolve(),
): Promise<Access> {
  const { log, topics } = await openMemoryTopics();
  const parts = { log, topic: topics.access.name, logger: pino({ level: "silent" }), readOnly: false, onNameOver };
  const access = new Access({ users: () => new Map(), ...options }, parts);
  onTestFinished(() => access.close());
  await access.log.caughtUp;
  return access;
}

const ANNA = { person: "person-anna", name: "anna", grants: [{ role: "viewer", scope: "berlin" }] } as const;
const DISPLAY = { name: "wall", scopes: ["recife"], may: ["wall"], expires: null, by: "p", certificate: null } as const;
const nobodyToTell = (): Promise<void> => Promise.resolve();

test("a caller is who the token says, else the session, else the display; beside a token that is not valid nothing else counts", async () => {
  const access = await openAccess();
  const { secret } = await access.sessions.begin({ ...ANNA, from: "10.0.0.7" });
  const { token } = await access.tokens.create(DISPLAY, nobodyToTell);
  const session = `${cookieName("session", false)}=${secret}`;
  const display = `${cookieName("display", false)}=${token}`;
  const nameOf = (headers: Readonly<Record<string, string>>, secure = false): string | null =>
    access.whoIs({ headers, secure, certificate: null })?.name ?? null;
  expect(nameOf({ authorization: `Bearer ${token}`, cookie: session })).toBe("wall");
  expect(nameOf({ cookie: `${display}; ${session}` })).toBe("anna");
  expect(nameOf({ cookie: display })).toBe("wall");
  expect(nameOf({ authorization: "Bearer oee_0", cookie: session })).toBeNull();
  // By TLS a cookie counts that is of this host alone; a page without TLS cannot have set it.
  expect(nameOf({ cookie: session }, true)).toBeNull();
});

test("who was let in is nobody any more once the session ended, or the token was revoked", async () => {
  const access = await openAccess();
  const { secret, id } = await access.sessions.begin({ ...ANNA, from: "10.0.0.7" });
  const made = await access.tokens.create(DISPLAY, nobodyToTell);
  const cookie = `${cookieName("session", false)}=${secret}`;
  const person = access.whoIs({ headers: { cookie }, secure: false, certificate: null });
  const token = access.whoIs({ headers: { authorization: `Bearer ${made.token}` }, secure: false, certificate: null });
  if (person === null || token === null) throw new Error("both are let in");
  expect([access.isStill(person)?.name, access.isStill(token)?.name]).toEqual(["anna", "wall"]);
  await access.sessions.end(id);
  await access.tokens.revoke(made.id);
  expect([access.isStill(person), access.isStill(token)]).toEqual([null, null]);
  // Nor by the header that is known from before.
  expect(access.whoIs({ headers: { cookie }, secure: false, certificate: null })).toBeNull();
});

test("a name whose time is over stays as long as the audit cannot be told", async () => {
  let now = 0;
  let isAway = true;
  const access = await openAccess({ namesKeptMs: 1_000, clock: () => now }, () =>
    isAway ? Promise.reject(new Error("the log is away")) : Promise.resolve(),
  );
  await access.names.note(ANNA.person, ANNA.name);
  now = 1_000;
  await expect(access.sweep()).rejects.toThrow("the log is away");
  expect(access.names.of(ANNA.person)).toBe("anna");
  isAway = false;
  await access.sweep();
  expect(access.names.of(ANNA.person)).toBeNull();
});
