/** `POST /ingest/NAME` at a gateway with sign-in: allowed for callers who may send events of all machines of the connection, and for nobody else. */
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FILLER, openTestStore, OVEN, PRESS, startGateway } from "../../services/gateway/test/gateway-fixture.ts";
import { type SignedGateway, startSigned } from "../../services/gateway/test/signed-in.ts";
import { connectRoutes } from "../../services/oee/src/connect/server.ts";
import { connectorOf } from "../connect/connector.ts";
import { Collected, temporaryFolder } from "../connect/peers.ts";

const OWN = "of-the-plc";
const machine = (id: string): string => `${id}: { signals: { n: { value: n } }, totals: { good: n } }`;
const TEXT = `connections:
  packing: { protocol: http, machines: { ${machine(FILLER)}, ${machine(PRESS)} } }
  mixed: { protocol: http, token: ${OWN}, machines: { ${machine(FILLER)}, ${machine(OVEN)} } }
`;

let store: Store;
let closeStore: () => Promise<void>;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());

async function tokenOf(gateway: SignedGateway, scope: string, may: string): Promise<string> {
  const body = JSON.stringify({ name: "t", scopes: [scope], may: [may] });
  const made = await gateway.as("root", "/api/v1/tokens", { method: "POST", body });
  return ((await made.json()) as { readonly token: string }).token;
}

test("each token and role is tried with each connection", async () => {
  const receiver = new Collected();
  const { connector } = connectorOf(TEXT, { receiver, folder: temporaryFolder() });
  const roles = { root: ["admin"], eva: ["engineer@berlin"], sam: ["supervisor"], rita: ["engineer@recife"] };
  const gateway = await startSigned(store, roles, { others: connectRoutes(connector) });
  const init = { method: "POST", body: '{"n":1}' };
  const sent = async (token: string, name: string): Promise<number> =>
    (await gateway.bearing(token, `/ingest/${name}`, init)).status;
  const asPerson = async (who: string | null, name: string): Promise<number> =>
    (await gateway.as(who, `/ingest/${name}`, init)).status;
  try {
    expect([await asPerson(null, "packing"), await sent(OWN, "mixed"), await sent("nothing", "packing")]).toEqual([
      401, 401, 401,
    ]);
    const berlin = await tokenOf(gateway, "berlin/packing", "events:write");
    const line = await tokenOf(gateway, "berlin/packing/l1", "events:write");
    const whole = await tokenOf(gateway, "*", "events:write");
    const reads = await tokenOf(gateway, "*", "read");
    expect([await sent(berlin, "packing"), await sent(berlin, "mixed")]).toEqual([202, 404]);
    expect([await sent(line, "packing"), await sent(line, "mixed")]).toEqual([404, 404]);
    expect([await sent(whole, "packing"), await sent(whole, "mixed")]).toEqual([202, 202]);
    expect([await sent(reads, "packing"), await sent(reads, "mixed")]).toEqual([403, 403]);
    expect([await asPerson("eva", "packing"), await asPerson("eva", "mixed")]).toEqual([202, 404]);
    expect([await asPerson("sam", "packing"), await asPerson("rita", "packing")]).toEqual([403, 404]);
    // Answered as if there were no connection of that name.
    const hidden = await (await gateway.bearing(berlin, "/ingest/mixed", init)).text();
    const absent = await (await gateway.bearing(berlin, "/ingest/nowhere", init)).text();
    expect(hidden).toBe(absent);
  } finally {
    await gateway.close();
  }
});

test("without sign-in the connection's own token is accepted", async () => {
  const { connector } = connectorOf(TEXT, { receiver: new Collected(), folder: temporaryFolder() });
  const open = await startGateway(store, { others: connectRoutes(connector) });
  const init = { method: "POST", body: '{"n":1}' };
  const sent = async (name: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`${open.url}/ingest/${name}`, { ...init, headers })).status;
  try {
    expect(await sent("packing")).toBe(202);
    expect([await sent("mixed"), await sent("mixed", { authorization: `Bearer ${OWN}` })]).toEqual([401, 202]);
  } finally {
    await open.close();
  }
});
