/** The audit by HTTP: which lines it has, who may read them, and what it names nobody in. */
import { formatInstant } from "@oee/model";
import { AUDIT_ROWS_MAX, type AuditRow, type Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FILLER, MINUTE, openTestStore, recordsOf, START } from "../../test/gateway-fixture.ts";
import { PASSWORD, type SignedGateway, startSigned } from "../../test/signed-in.ts";
import { type AuditVerdict, verifyAudit } from "../audit/verify-audit.ts";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  gateway = await startSigned(store, {
    anna: ["supervisor@berlin/packing"],
    root: ["admin"],
    nina: ["supervisor@recife"],
  });
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

const rowsFrom = (offset: number): Promise<AuditRow[]> => store.auditRows({ offset, limit: 3 });
const verdict = (): Promise<AuditVerdict> => verifyAudit(gateway.log, gateway.topics.audit.name, rowsFrom, null);

interface Line {
  readonly kind: string;
  readonly what: string;
  readonly by: string | null;
  readonly address: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

async function trail(name: string, query = ""): Promise<Line[]> {
  return (await (await gateway.as(name, `/api/v1/audit${query}`)).json()) as Line[];
}

/** Resolves when the store has all lines of the topic. */
async function stored(): Promise<void> {
  const [end] = await gateway.log.endsOf(gateway.topics.audit.name);
  await expect.poll(async () => (await store.auditExtent()).end, { interval: 50 }).toBe(end?.endOffset);
}

describe("the audit", () => {
  test("has sign-ins, failed ones, corrections, entries and tokens, with who, from where, before and after", async () => {
    await fetch(`${gateway.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "anna", password: "not hers" }),
    });
    const fix = { machine: FILLER, from: START, to: START + MINUTE, state: "down" };
    await gateway.as("anna", "/api/v1/corrections", { method: "POST", body: JSON.stringify(fix) });
    const token = { name: "line", scopes: ["recife"], may: ["read"] };
    const made = await gateway.as("root", "/api/v1/tokens", { method: "POST", body: JSON.stringify(token) });
    const { id } = (await made.json()) as { id: string };
    await gateway.as("root", `/api/v1/tokens/${id}`, { method: "DELETE" });
    await stored();
    const lines = await trail("root");
    const told = (what: string): Line | undefined => lines.find((line) => line.what === what);
    expect(told("sign-in-failed")).toMatchObject({ kind: "access", by: "anna", address: "127.0.0.1" });
    expect(told("sign-in")).toMatchObject({ by: "anna" });
    expect(told(`token-created ${id}`)).toMatchObject({ by: "root", before: null, after: { may: ["read"] } });
    expect(told(`token-revoked ${id}`)).toMatchObject({ before: { name: "line" }, after: null });
    const rows = await store.auditRows({ kind: "correction", limit: AUDIT_ROWS_MAX });
    expect(JSON.parse(rows[0]?.raw ?? "{}")).toMatchObject({
      who: gateway.users.get("anna")?.id,
      scope: FILLER,
      before: { stops: [] },
      after: { state: "down", by: gateway.users.get("anna")?.id },
    });
    expect(rows[0]?.raw).not.toContain(PASSWORD);
  });

  test("has a correction and an entry at the instant at which they were made, whatever their sender says, with address and before", async () => {
    const at = formatInstant(START);
    const fix = { machine: FILLER, from: START, to: START + MINUTE, reason: "mechanical", at, id: "of-long-ago" };
    const fixed = await gateway.as("anna", "/api/v1/corrections", { method: "POST", body: JSON.stringify(fix) });
    expect(fixed.status).toBe(202);
    const place = { offset: 0, receivedAt: gateway.now };
    await store.insertEvents(recordsOf([{ type: "correction", ...fix, by: gateway.users.get("anna")?.id }], place));
    const goal = { type: "target", id: "of-long-ago", rev: 1, scope: "berlin/packing", measure: "oee", value: 0.8, at };
    expect((await gateway.as("anna", "/api/v1/entries", { method: "POST", body: JSON.stringify(goal) })).status).toBe(
      202,
    );
    await stored();
    const since = `from=${gateway.now - MINUTE}&to=now`;
    const before = `from=${START - MINUTE}&to=${START + MINUTE}`;
    for (const [kind, more] of [
      ["correction", { after: { reason: "mechanical", at }, before: { stops: [] } }],
      ["entry", { after: { id: "of-long-ago", at }, before: null }],
    ] as const) {
      const line = { kind, by: "anna", address: "127.0.0.1", at: formatInstant(gateway.now), ...more };
      expect(await trail("anna", `?kind=${kind}&${since}`)).toMatchObject([line]);
      expect(await trail("anna", `?kind=${kind}&${before}`)).toEqual([]);
    }
  });

  test("shows a supervisor what was done in their scopes, and other lines only to people who see the whole plant", async () => {
    expect(await trail("anna", "?kind=access")).toEqual([]);
    expect(await trail("nina", "?kind=access")).toMatchObject([{ by: "root" }, { by: "root" }]);
    expect((await trail("root", "?by=root")).every(({ by }) => by === "root")).toBe(true);
    const csv = await gateway.as("root", "/api/v1/audit?kind=access", { headers: { accept: "text/csv" } });
    expect((await csv.text()).split("\n")[0]).toBe("at,kind,by,scope,what,before,after,address");
  });

  test("is verified as it was written, and no route changes it", async () => {
    await stored();
    const { lines, faults, head } = await verdict();
    expect([lines > 4, faults]).toEqual([true, []]);
    expect(head?.hash).toMatch(/^[0-9a-f]{64}$/);
    for (const method of ["PUT", "POST", "DELETE", "PATCH"]) {
      expect((await gateway.as("root", "/api/v1/audit", { method })).status).toBe(405);
    }
  });
});

describe("names", () => {
  test("are erased on request, and what was done keeps an identifier without a name", async () => {
    const people = (await (await gateway.as("root", "/api/v1/people")).json()) as { id: string; name: string }[];
    const anna = people.find(({ name }) => name === "anna");
    expect(anna?.id).toMatch(/^person-[0-9a-f]{24}$/);
    expect((await gateway.as("root", `/api/v1/people/${anna?.id}`, { method: "DELETE" })).status).toBe(200);
    await stored();
    const text = JSON.stringify(await trail("root"));
    expect(text).not.toContain("anna");
    expect(text).toContain(anna?.id);
    expect((await verdict()).faults).toEqual([]);
    expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(401);
  });

  test("do not appear with pseudonyms", async () => {
    const other = await startSigned(store, { pia: ["admin"] }, { log: gateway.log, signIn: { pseudonyms: true } });
    try {
      await other.as("pia", "/api/v1/plant");
      await expect.poll(() => store.auditRows({ who: other.users.get("pia")?.id ?? "", limit: 1 })).toHaveLength(1);
      const text = await (await other.as("pia", "/api/v1/audit")).text();
      expect(text).not.toContain("pia");
      expect(text).toContain("person-");
    } finally {
      await other.app.close();
    }
  });
});
