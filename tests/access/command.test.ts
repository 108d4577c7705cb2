/** `oee user`, `token`, `session` and `audit`, and where `oee start` listens: the real command line, with the embedded log and store. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PLANT } from "../cli/oee.ts";
import { type Folder, newFolder, oeeOutput, runOee, type Served, serve } from "../live/oee-process.ts";

const PASSWORD = "a long pass phrase";

let folder: Folder;
let users: string;
let plant: string;

beforeAll(() => {
  folder = newFolder();
  users = folder.path("users.json");
  plant = folder.path("plant.yaml");
  writeFileSync(plant, PLANT);
});
afterAll(() => folder.remove());

/** Runs oee with the password on standard input. */
async function oee(
  args: readonly string[],
  password: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = runOee([...args, "--password-stdin"], {}, `${password}\n`);
  const { code, stderr } = await child.ended;
  return { code, stderr };
}

/** Arguments of `oee start` with a plant file: without one it simulates a plant, which takes most of its processor time. */
function startOf(data: string, usersFile: string): readonly string[] {
  return ["start", "--plant", plant, "--data", data, "--users", usersFile, "--log-level", "warn"];
}

describe("oee user", () => {
  test("adds users to a file that its owner alone can read, which holds no password; there is no default user", async () => {
    const added = await oee(["user", "add", "anna", "--users", users, "--role", "supervisor@albany"], PASSWORD);
    expect(added.code).toBe(0);
    expect((await oee(["user", "add", "boss", "--users", users, "--role", "admin"], PASSWORD)).code).toBe(0);
    const text = readFileSync(users, "utf8");
    expect(text).toMatch(/\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(text).not.toContain(PASSWORD);
    expect(statSync(users).mode & 0o777).toBe(0o600);
    expect(await oeeOutput(["user", "list", "--users", users])).toMatch(
      /^anna\tperson-[0-9a-f]{24}\tsupervisor@albany\n/,
    );
  });

  test.each([
    [["user", "add", "ben", "--role", "king"], PASSWORD, /Expected viewer, operator/],
    [["user", "add", "ben"], PASSWORD, /expected --role/],
    [["user", "add", "anna", "--role", "viewer"], PASSWORD, /anna is there already/],
    [["user", "add", "ben", "--role", "viewer"], "short", /at least 12 characters/],
    [["user", "add", "benjamin", "--role", "viewer"], "benjamin-the-2nd", /expected no part to be the user's name/],
    [["user", "password", "nobody"], PASSWORD, /there is no user "nobody"/],
  ])("%j is refused with what is wrong", async (args, password, told) => {
    const { code, stderr } = await oee([...args, "--users", users], password);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(told);
  });
});

test("an address for notices is given, changed and taken away, and is one address", async () => {
  const file = folder.path("addresses.json");
  const address = async (): Promise<string | undefined> =>
    (await oeeOutput(["user", "list", "--users", file])).trim().split("\t")[3];
  const add = ["user", "add", "anna", "--users", file, "--role", "viewer"];
  const wrong = await oee([...add, "--email", "a@example.org,b@example.org"], PASSWORD);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("Expected one address")]);
  expect((await oee([...add, "--email", "anna@example.org"], PASSWORD)).code).toBe(0);
  expect(await address()).toBe("anna@example.org");
  const set = (...to: readonly string[]): Promise<string> =>
    oeeOutput(["user", "email", "anna", ...to, "--users", file]);
  await set("a.meier@example.org");
  expect(await address()).toBe("a.meier@example.org");
  await set();
  expect(await address()).toBe(undefined);
});

test("the secret of users is made once, for its owner alone, and gateways do not start without it", async () => {
  const [file, secret] = [folder.path("with-secret.json"), folder.path("users.secret")];
  expect((await runOee(["user", "secret", secret]).ended).code).toBe(0);
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  const made = readFileSync(secret, "utf8");
  const again = await runOee(["user", "secret", secret]).ended;
  expect([again.code, again.stderr, readFileSync(secret, "utf8")]).toEqual([1, expect.stringMatching(/exist/), made]);
  const add = ["user", "add", "anna", "--users", file, "--users-secret", secret, "--role", "admin"];
  expect((await oee(add, PASSWORD)).code).toBe(0);
  expect(readFileSync(file, "utf8")).toContain(",keyid=");
  const start = startOf(folder.path("secret-data"), file);
  const without = await runOee([...start, "--port", "0"]).ended;
  expect([without.code, without.stderr]).toEqual([1, expect.stringMatching(/OEE_USERS_REFUSED.*--users-secret/)]);
  const served = await serve([...start, "--users-secret", secret]);
  try {
    const to = ["session", "list", "--url", served.url, "--user", "anna"];
    expect(await oeeOutput(to, { OEE_PASSWORD: PASSWORD })).toContain('"name":"anna"');
    expect(served.stdout()).not.toContain(made.trim());
  } finally {
    await served.end("SIGTERM");
  }
});

test("a second factor is set and reset in the users file, and a command asks for its code", async () => {
  const [file, secret] = [folder.path("two-factors.json"), folder.path("two-factors.secret")];
  expect((await runOee(["user", "secret", secret]).ended).code).toBe(0);
  const of = ["--users", file, "--users-secret", secret];
  expect((await oee(["user", "add", "anna", ...of, "--role", "admin"], PASSWORD)).code).toBe(0);
  const start = startOf(folder.path("two-factors"), file);
  const unsealed = await runOee([...start, "--port", "0", "--second-factor-from", "admin"]).ended;
  expect([unsealed.code, unsealed.stderr]).toEqual([2, expect.stringContaining("needs --users-secret")]);
  const served = await serve([...start, "--users-secret", secret, "--second-factor-from", "admin"]);
  const list = (code?: string): Promise<{ readonly code: number | null; readonly stderr: string }> => {
    const as = { OEE_PASSWORD: PASSWORD, ...(code === undefined ? {} : { OEE_CODE: code }) };
    return runOee(["session", "list", "--url", served.url, "--user", "anna"], as).ended;
  };
  try {
    const without = await list();
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining("OEE_HTTP_FORBIDDEN")]);
    const address = (await oeeOutput(["user", "second-factor", "anna", ...of])).trim();
    expect(address).toMatch(/^otpauth:\/\/totp\/Open%20OEE:anna\?/);
    const key = new URL(address).searchParams.get("secret") ?? "";
    expect(readFileSync(file, "utf8")).not.toContain(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const app = new TOTP({ secret: key });
    // Taken up within seconds; a code counts once.
    await expect.poll(async () => (await list(app.generate())).code, { interval: 2_000 }).toBe(0);
    const asked = await list();
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining("expected a terminal")]);
    const wrong = await list("000000");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("OEE_HTTP_SIGN_IN_FAILED")]);
    await oeeOutput(["user", "second-factor", "anna", "--reset", ...of]);
    await expect.poll(async () => (await list()).stderr, { interval: 2_000 }).toContain("OEE_HTTP_FORBIDDEN");
    expect(served.stdout() + served.stderr()).not.toContain(key);
  } finally {
    await served.end("SIGTERM");
  }
});

describe("oee start", () => {
  test.each([
    [["--host", "0.0.0.0"], /OEE_LISTEN_OPEN.*found no sign-in/],
    [["--host", "::"], /OEE_LISTEN_OPEN.*found no sign-in/],
    [["--host", "0.0.0.0", "--users", "USERS"], /OEE_LISTEN_OPEN.*in the clear/],
    [["--tls-cert", "x.pem"], /--tls-cert and --tls-key together/],
    [["--users", "nowhere.json"], /oee user add/],
    [["--oidc-issuer", "http://login.example"], /needs --oidc-client-id/],
  ])("with %j ends at once and says why", async (args, told) => {
    const given = args.map((arg) => (arg === "USERS" ? users : arg));
    const { code, stderr } = await runOee(["start", "--data", folder.path("unused"), "--port", "0", ...given]).ended;
    expect([code, stderr]).toEqual([2, expect.stringMatching(told)]);
  });
});

/** Enters an entry as a person and imports events with a token; both are refused without. */
async function entersAndImports(url: string, as: Readonly<Record<string, string>>): Promise<void> {
  const entries = folder.path("target.yaml");
  writeFileSync(
    entries,
    "targets: [{ id: t1, rev: 1, scope: '*', measure: oee, value: 0.8, startValue: 0.6, from: 2026-11-01, due: 2027-01-01 }]\n",
  );
  const nobody = await runOee(["entry", entries, "--url", url]).ended;
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("OEE_HTTP_SIGN_IN")]);
  const entered = await oeeOutput(["entry", entries, "--url", url, "--user", "boss"], as);
  expect(JSON.parse(entered)).toMatchObject({ id: "t1", rev: 1 });

  const events = folder.path("events.ndjson");
  const at = new Date().toISOString();
  writeFileSync(
    events,
    `${JSON.stringify({ type: "state", machine: "albany/hall/l1/press", at, state: "running" })}\n`,
  );
  const importing = ["import", "--plant", plant, "--url", url, events];
  const unknown = await runOee(importing).ended;
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("401")]);
  const make = ["token", "create", "history", "--scope", "albany", "--may", "events:write", "--never", "--url", url];
  const token = (await oeeOutput([...make, "--user", "boss"], as)).trim();
  const imported = await runOee(importing, { OEE_IMPORT_TOKEN: token }).ended;
  expect([imported.code, imported.stderr]).toEqual([0, expect.any(String)]);
}

test("a token is made, listed, used and revoked by the command line, and the audit of this is verified", async () => {
  const data = folder.path("data");
  const served: Served = await serve(startOf(data, users));
  const as = { OEE_PASSWORD: PASSWORD };
  const to = ["--url", served.url, "--user", "boss"];
  try {
    // The address is printed before the other lines.
    await expect.poll(() => served.stdout()).toContain("sign-in  on");
    const made = await oeeOutput(
      ["token", "create", "line", "--scope", "berlin", "--may", "read", "--never", ...to],
      as,
    );
    const authorization = `Bearer ${made.trim()}`;
    const look = async (): Promise<number> =>
      (await fetch(`${served.url}/api/v1/plant`, { headers: { authorization } })).status;
    expect(await look()).toBe(200);
    await entersAndImports(served.url, as);
    const { id } = JSON.parse((await oeeOutput(["token", "list", ...to], as)).trim().split("\n")[0] ?? "") as {
      id: string;
    };
    await oeeOutput(["token", "revoke", id, ...to], as);
    expect(await look()).toBe(401);
    expect(await oeeOutput(["session", "list", ...to], as)).toContain('"name":"boss"');
    const refused = await runOee(["token", "list", "--url", served.url, "--user", "anna"], as).ended;
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("OEE_HTTP_FORBIDDEN")]);
  } finally {
    await served.end("SIGTERM");
  }
  const { code, stderr } = await runOee(["audit", "verify", "--data", data]).ended;
  expect([code, stderr]).toEqual([0, expect.stringMatching(/\d+ lines; the newest is \d+:[0-9a-f]{64}/)]);
  const [, head = ""] = /the newest is (\S+)/.exec(stderr) ?? [];
  const other = head.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  const altered = await runOee(["audit", "verify", "--data", data, "--head", other]).ended;
  expect([altered.code, altered.stderr]).toEqual([1, expect.stringContaining("OEE_AUDIT_ALTERED")]);
});
