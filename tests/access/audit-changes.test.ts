/**
 * Changes that are made without a request to a gateway are in the audit too: of the plant file, settings, the users file and the
 * store's schema, recomputed and repaired spans, exports of personal data, and a restored audit. It runs the real command line, with
 * the embedded log and store.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { type AuditRow, openStore } from "@oee/store";
import { afterAll, expect, test } from "vitest";
import { FILLER, PLANT } from "../cli/oee.ts";
import { floorMinute, instant } from "../live/history.ts";
import { newFolder, oeeOutput, postLines, runOee, serve, until } from "../live/oee-process.ts";

const PASSWORD = "a long pass phrase";
const MINUTE_MS = 60_000;
const END = floorMinute(Date.now()) - 60 * MINUTE_MS;
const START = END - 60 * MINUTE_MS;
const ME = { who: userInfo().username, from: hostname() };
const SPAN = ["--from", instant(START), "--to", instant(END)];

const folder = newFolder();
const [plant, data, users] = [folder.path("plant.yaml"), folder.path("data"), folder.path("users.json")];
const stored = ["--plant", plant, "--data", data];
afterAll(() => folder.remove());

async function user(...args: string[]): Promise<void> {
  const stdin = ["add", "password"].includes(args[0] ?? "") ? ["--password-stdin"] : [];
  const child = runOee(["user", ...args, "--users", users, ...stdin], {}, `${PASSWORD}\n`);
  const { code, stderr } = await child.ended;
  expect(code, stderr).toBe(0);
}

interface Line extends AuditRow {
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** The audit's lines of some kinds, in order, read while no process runs. */
async function linesOf(...kinds: string[]): Promise<Line[]> {
  const store = await openStore({ embedded: { path: `${data}/store` } });
  try {
    const rows = await store.auditRows({ limit: 1_000 });
    return rows
      .filter(({ kind }) => kinds.includes(kind))
      .map((row) => ({ ...row, ...(JSON.parse(row.raw) as Pick<Line, "before" | "after">) }));
  } finally {
    await store.close();
  }
}

async function verifies(): Promise<void> {
  const { code, stdout } = await runOee(["audit", "verify", "--data", data]).ended;
  expect([code, stdout]).toEqual([0, ""]);
}

test("users, settings and the plant file, whether they change while a process runs or while none does", async () => {
  writeFileSync(plant, PLANT);
  await user("add", "anna", "--role", "viewer");
  await user("add", "boss", "--role", "admin");
  const first = await serve(["start", ...stored, "--users", users]);
  const ask = { OEE_PASSWORD: PASSWORD };
  const trail = async (): Promise<string> => {
    const signed = await fetch(`${first.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "boss", password: PASSWORD }),
    });
    const cookie = signed.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    return (await fetch(`${first.url}/api/v1/audit`, { headers: { cookie } })).text();
  };
  await oeeOutput(["session", "list", "--url", first.url, "--user", "boss"], ask);
  await until("the plant file", async () => ((await trail()).includes('"plant-file"') ? true : undefined));
  await user("roles", "anna", "--role", "operator@berlin");
  writeFileSync(plant, PLANT.replace("idealCycleSeconds: 2", "idealCycleSeconds: 2.5"));
  await until("both changes", async () => {
    const text = await trail();
    return text.includes("operator@berlin") && text.split('"plant-file"').length > 2 ? true : undefined;
  });
  await first.end("SIGTERM");
  // Changed while no process runs.
  await user("password", "anna");
  await user("remove", "boss");
  const second = await serve(["start", ...stored, "--users", users, "--session-lasts", "2h"], {
    OEE_OIDC_CLIENT_SECRET: "s3cret",
  });
  await until("the start", async () => ((await fetch(`${second.url}/health/ready`)).ok ? true : undefined));
  await second.end("SIGTERM");

  const [anna, boss, promoted, password, removed, ...rest] = await linesOf("user");
  expect(rest).toEqual([]);
  expect(anna).toMatchObject({ ...ME, before: null, after: { roles: ["viewer@*"] } });
  expect(anna?.what).toMatch(/^person-[0-9a-f]{24}$/);
  expect(boss).toMatchObject({ ...ME, after: { roles: ["admin@*"] } });
  const change = { before: { roles: ["viewer@*"] }, after: { roles: ["operator@berlin"] } };
  expect(promoted).toMatchObject({ ...ME, what: anna?.what, ...change });
  const rows = [password, removed].toSorted((a, b) => (a?.what === anna?.what ? -1 : b?.what === anna?.what ? 1 : 0));
  expect(rows[0]).toMatchObject({ what: anna?.what, before: { password: anna?.after?.["password"] } });
  expect(rows[1]).toMatchObject({ what: boss?.what, before: { roles: ["admin@*"] }, after: null });
  expect(JSON.stringify(await linesOf("user"))).not.toMatch(/anna|boss|argon2/);

  const [plantFirst, plantThen] = await linesOf("plant-file");
  expect(plantFirst).toMatchObject({ ...ME, before: null, after: { file: plant } });
  expect(plantThen).toMatchObject({ before: { version: plantFirst?.after?.["version"] } });
  expect(plantThen?.after?.["version"]).not.toBe(plantFirst?.after?.["version"]);

  const [settings, changed] = await linesOf("settings");
  expect(settings).toMatchObject({ ...ME, before: null, after: { plant, users, sessionLasts: 43_200_000 } });
  expect(changed).toMatchObject({
    ...{ ...ME, what: settings?.what },
    before: { sessionLasts: 43_200_000, oidcClientSecret: null },
    after: { sessionLasts: 7_200_000, oidcClientSecret: "set" },
  });
  expect(Object.keys(changed?.after ?? {})).toHaveLength(2);
  await verifies();
});

test("a users file that another program than oee user changed has a line without a name", async () => {
  const hand = readFileSync(users, "utf8");
  writeFileSync(users, hand.replace("operator@berlin", "admin@*"));
  const served = await serve(["start", ...stored, "--users", users]);
  await until("the start", async () => ((await fetch(`${served.url}/health/ready`)).ok ? true : undefined));
  await served.end("SIGTERM");
  const newest = (await linesOf("user")).at(-1);
  expect(newest).toMatchObject({
    who: null,
    from: null,
    before: { roles: ["operator@berlin"] },
    after: { roles: ["admin@*"] },
  });
});

test("a recomputed and a repaired span, with what was stored before and after, and an export of raw events", async () => {
  writeFileSync(plant, PLANT);
  const served = await serve(["start", ...stored]);
  const lines = [
    { at: START, type: "state", state: "running" },
    { at: START + 30 * MINUTE_MS, type: "count", good: 100 },
    { at: END, type: "state", state: "down" },
  ].map((fields) => JSON.stringify({ machine: FILLER, ...fields }));
  expect((await postLines(served.url, lines)).body).toMatchObject({ accepted: 3 });
  const found = `/api/v1/kpis?scope=${FILLER}&from=${START}&to=${END}`;
  await until("the count to be stored", async () => {
    const [kpis] = (await (await fetch(`${served.url}${found}`)).json()) as { components: { goodCount: number } }[];
    return kpis?.components.goodCount === 100 ? true : undefined;
  });
  await served.end("SIGTERM");
  writeFileSync(plant, PLANT.replace("idealCycleSeconds: 2", "idealCycleSeconds: 3"));
  await oeeOutput(["recompute", ...stored, ...SPAN, "--by", "carl", "--note", "new cam"]);
  const [asked, done] = await linesOf("recompute", "recomputed");
  expect(asked).toMatchObject({ who: "carl", from: hostname(), scope: "*", after: { note: "new cam" } });
  expect(done).toMatchObject({ who: "carl", what: asked?.what });
  expect(done?.before).toMatchObject({ sums: { goodCount: 100 } });
  expect(done?.after).toMatchObject({ sums: { goodCount: 100 } });
  expect(done?.after?.["plantVersions"]).not.toEqual(done?.before?.["plantVersions"]);

  await oeeOutput(["verify", ...stored, "--repair"]);
  expect(await linesOf("repair")).toMatchObject([{ ...ME, scope: "*" }]);
  await oeeOutput(["export", ...stored, "--table", "stops"]);
  await oeeOutput(["export", ...stored, ...SPAN, "--table", "events"]);
  // The first test read the audit, which is an export of its own.
  const exported = (await linesOf("personal-data-exported")).filter(({ after }) => after?.["table"] !== "audit");
  expect(exported).toMatchObject([
    { ...ME, scope: "*", after: { table: "stops", format: "csv" } },
    { ...ME, scope: "*", after: { table: "events", format: "csv", from: instant(START) } },
  ]);
  await verifies();
});

test("a migration, listed dead letters, and a restored audit", async () => {
  const [schema, ...changed] = await linesOf("schema");
  expect(schema).toMatchObject({ ...ME, before: null, after: { number: expect.any(Number) } });
  expect(changed).toEqual([]);
  await oeeOutput(["migrate", "--data", data, "--retention-events", "4000"]);
  expect(await linesOf("migrate")).toMatchObject([
    { ...ME, scope: "*", before: { schema: schema?.after?.["number"] }, after: { retention: { events: 4_000 } } },
  ]);
  await oeeOutput(["dead-letters", "--data", data, "--error", "invalid"]);
  const listed = (await linesOf("personal-data-exported")).filter(({ after }) => after?.["table"] === "dead-letters");
  expect(listed).toMatchObject([{ ...ME, after: { error: "invalid", from: null } }]);
  await verifies();
  rmSync(`${data}/log`, { recursive: true });
  await verifies();
  const [restored] = await linesOf("audit-restored");
  expect(restored).toMatchObject({ ...ME, scope: "*", after: { lines: restored?.offset } });
  // Where there is no log, the command makes none.
  const { code, stderr } = await runOee(["migrate", "--data", folder.path("new")]).ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining("the audit is not told of this")]);
});
