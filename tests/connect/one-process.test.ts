/** `oee start --connections`: connectors, worker and gateway in one process over the embedded log; and a changed connections file. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { getJson, runOee, serve, type Served, until } from "../live/oee-process.ts";
import { tokenFor } from "../support/sign-in.ts";
import { freePort } from "../support/free-port.ts";
import { FILLER } from "./connector.ts";
import { mosquitto, temporaryFolder } from "./peers.ts";

const LABELLER = "berlin/packing/l1/labeller";
const MINUTE = 60_000;
const PLANT = `enterprise: acme
sites: { berlin: { areas: { packing: { lines: { l1: { machines: {
  filler: { idealCycleSeconds: 1 }, labeller: { idealCycleSeconds: 1 } } } } } } } }
`;

interface Live {
  readonly elements: readonly { readonly machine: { readonly state: string } }[];
}

interface Status {
  readonly connections: readonly { readonly name: string; readonly observations: number }[];
}

test("documents are in the KPIs though the process is killed; a changed connections file is taken up, and a refused one changes nothing", async () => {
  const folder = temporaryFolder();
  const broker = await mosquitto(folder, await freePort());
  const file = join(folder, "connections.yaml");
  writeFileSync(join(folder, "plant.yaml"), PLANT);
  const hall = `  hall: { protocol: mqtt, url: 'mqtt://127.0.0.1:${broker.port}', clientId: oee, machines: {
    ${FILLER}: { signals: { s: { topic: filler, value: s, at: t } }, state: s } } }\n`;
  const plc = `  plc: { protocol: http, token: let-me-in, machines: {
    ${LABELLER}: { signals: { n: { value: n, at: t } }, totals: { good: n } } } }\n`;
  writeFileSync(file, `connections:\n${hall}${plc}`);
  const start = async (): Promise<Served> => {
    const running = await serve([
      ...["start", "--plant", join(folder, "plant.yaml"), "--connections", file],
      ...["--data", join(folder, "data"), "--log-level", "info"],
    ]);
    onTestFinished(() => void running.end("SIGKILL"));
    return running;
  };
  let oee = await start();
  const from = Math.floor((Date.now() - 90 * MINUTE) / MINUTE) * MINUTE;
  const sender = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  onTestFinished(() => sender.endAsync(true));
  const publish = (minute: number, s: string): Promise<unknown> =>
    sender.publishAsync("filler", JSON.stringify({ s, t: from + minute * MINUTE }), { qos: 1 });
  // With sign-in the token is one that the gateway made; without, the connection's own token.
  const right = (): string => `Bearer ${tokenFor(oee.url) ?? "let-me-in"}`;
  const ingest = async (minute: number, n: number, authorization = right()): Promise<number> => {
    const body = JSON.stringify({ n, t: from + minute * MINUTE });
    return (await fetch(`${oee.url}/ingest/plc`, { method: "POST", headers: { authorization }, body })).status;
  };
  const statusNow = async (): Promise<Status> => (await getJson<Status>(oee.url, "/connections")).body;

  await until("the subscription", () => oee.stderr().includes('"connected"') || undefined);
  await publish(0, "running");
  expect([await ingest(0, 100), await ingest(10, 700), await ingest(11, 1, "Bearer wrong")]).toEqual([202, 202, 401]);
  const page = await fetch(`${oee.url}/connections`, { headers: { accept: "text/html" } });
  expect(await page.text()).toContain("<h2>plc <small>http</small>");
  await oee.end("SIGKILL");
  await publish(20, "down");
  oee = await start();
  expect(await ingest(20, 1_300)).toBe(202);
  // All of it: the broker sends the first state again where the process was killed before it had acknowledged that.
  const stateNow = async (): Promise<string | undefined> => {
    const path = `/api/v1/live?scope=${FILLER}`;
    return (await getJson<Live>(oee.url, path)).body.elements[0]?.machine.state;
  };
  await until("what the broker kept", async () => (await stateNow()) === "down" || undefined);

  // The file is refused: the former one stays in force.
  writeFileSync(file, `connections:\n${hall}${plc.replace("n, at", "n, att")}`);
  await until("the refusal", () => oee.stderr().includes("OEE_CONNECT_FILE_REFUSED") || undefined);
  expect(await ingest(30, 1_900)).toBe(202);
  const before = await statusNow();
  // The machine's connection is renamed; the other connection goes on.
  writeFileSync(file, `connections:\n${hall}${plc.replace("plc:", "line:")}`);
  await until("the changed file", () => oee.stderr().includes("taken up") || undefined);
  expect(await ingest(40, 2_500)).toBe(404);
  const after = await statusNow();
  expect(after.connections.map(({ name }) => name)).toEqual(["hall", "line"]);
  expect(after.connections[0]?.observations).toBe(before.connections[0]?.observations);
  await publish(40, "running");

  const period = `from=${new Date(from).toISOString()}&to=${new Date(from + 60 * MINUTE).toISOString()}`;
  const componentsOf = async (machine: string): Promise<Readonly<Record<string, number>> | undefined> => {
    const url = `/api/v1/kpis?scope=${machine}&${period}`;
    const { body } = await getJson<readonly { components: Readonly<Record<string, number>> }[]>(oee.url, url);
    return body[0]?.components;
  };
  await until("all of the filler", async () => {
    const found = await componentsOf(FILLER);
    return (found?.["runTime"] === 40 * MINUTE && found["unplannedStopTime"] === 20 * MINUTE) || undefined;
  });
  await until("all of the labeller", async () => (await componentsOf(LABELLER))?.["goodCount"] === 1_800 || undefined);
  expect(await (await fetch(`${oee.url}/metrics`)).text()).toMatch(/oee_connect_files_refused_total 1\n/);

  // Results are sent to the orders' system: each hour once it is over, and again when its numbers change.
  const taken: Readonly<Record<string, unknown>>[] = [];
  let isAway = true;
  const hook = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (body: string) => {
      const isRefused = isAway || request.headers.authorization !== "Bearer of-the-erp";
      if (!isRefused) taken.push(JSON.parse(body) as Readonly<Record<string, unknown>>);
      response.writeHead(isRefused ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void hook.close());
  const results = async (): Promise<string> => {
    const { port } = hook.address() as AddressInfo;
    const to = ["--to", `http://127.0.0.1:${port}/results`, "--to-token", "of-the-erp", "--data", join(folder, "sent")];
    const what = ["--every", "hour", "--scope", LABELLER, "--settle", "1ms", "--back", "3h"];
    const { stdout, stderr } = await runOee(["connect", "results", "--once", "--url", oee.url, ...what, ...to]).ended;
    return stdout + stderr;
  };
  expect(await results()).toContain("answered 503");
  isAway = false;
  const hours = Number(/^(\d+) sent/.exec(await results())?.[1]);
  expect(taken.length).toBe(hours);
  expect(taken.every(({ scope, components }) => scope === LABELLER && components !== undefined)).toBe(true);
  // An hour may end between two runs.
  await until("nothing more to send", async () => (await results()) === "0 sent\n" || undefined);
  expect(taken.map(({ from: hour }) => hour)).toEqual([...new Set(taken.map(({ from: hour }) => hour))]);
  // The newest hour: the oldest one may any moment lie too far back to be sent again.
  const changed = taken.at(-1)?.["from"];
  const sent = taken.length;
  await fetch(`${oee.url}/api/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ type: "count", machine: LABELLER, at: changed, scrap: 5 }),
  });
  await until("the hour that changed", async () => {
    await results();
    const again = taken.slice(sent).findLast(({ from: hour }) => hour === changed);
    return (again?.["components"] as { readonly scrapCount: number } | undefined)?.scrapCount === 5 || undefined;
  });

  // A machine without any connection is unknown from then on.
  writeFileSync(file, `connections:\n${plc}`);
  await until("the filler is unknown", async () => (await stateNow()) === "unknown" || undefined);
  rmSync(file);
  await until("the file that is gone", () => oee.stderr().includes("is gone") || undefined);
  expect(await ingest(50, 3_100)).toBe(202);
});
