/** What `oee worker` and `oee connect` answer on addresses beyond this machine: health alone, unless with the token or with `--insecure-open`. */
import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { FILLER, PLANT } from "../cli/oee.ts";
import { newFolder, runOee, serve } from "../live/oee-process.ts";

const TOKEN = "of-the-monitoring-7f3a";

const folder = newFolder();
const [plant, connections] = [folder.path("plant.yaml"), folder.path("connections.yaml")];
writeFileSync(plant, PLANT);
writeFileSync(
  connections,
  `connections:
  open: { protocol: http, machines: { ${FILLER}: { signals: { n: { value: n } }, totals: { good: n } } } }
  own: { protocol: http, token: of-the-plc, machines: { ${FILLER}: { signals: { m: { value: m } }, totals: { scrap: m } } } }
`,
);
afterAll(() => folder.remove());

const WORKER = ["worker", "--plant", plant, "--kafka", "127.0.0.1:1", "--clickhouse", "http://127.0.0.1:1"];
const CONNECT = ["connect", "--connections", connections, "--data", folder.path("connect")];

test.each([
  [[...WORKER, "--host", "0.0.0.0"], /OEE_LISTEN_OPEN: --host 0\.0\.0\.0.*--listen-token/],
  [[...WORKER, "--host", "::"], /OEE_LISTEN_OPEN/],
  [[...CONNECT, "--host", "0.0.0.0", "--port", "0"], /OEE_LISTEN_OPEN/],
  [[...CONNECT, "--port", "0", "--listen-token", "short"], /found 5 characters, expected at least 16/],
])("%j ends at once and says why", async (args, told) => {
  const { code, stderr } = await runOee(args).ended;
  expect([code, stderr]).toEqual([2, expect.stringMatching(told)]);
});

test("a connector with a token answers health to everybody, and all else to callers with the token", async () => {
  const served = await serve([...CONNECT, "--url", "http://127.0.0.1:1"], { OEE_LISTEN_TOKEN: TOKEN });
  const ask = async (path: string, authorization?: string, body?: string): Promise<number> => {
    const headers = { ...(authorization === undefined ? {} : { authorization }) };
    const method = body === undefined ? "GET" : "POST";
    const answer = await fetch(`${served.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    if (answer.status === 401) expect(await answer.text()).not.toMatch(/filler|open|own/);
    return answer.status;
  };
  const basic = (password: string): string => `Basic ${Buffer.from(`anybody:${password}`).toString("base64")}`;
  try {
    expect(await ask("/health/live")).toBe(200);
    for (const path of ["/", "/connections", "/metrics", "/nowhere"]) {
      expect([path, await ask(path)]).toEqual([path, 401]);
      expect([path, await ask(path, `Bearer ${TOKEN}x`)]).toEqual([path, 401]);
      expect([path, await ask(path, basic("of-the-plc"))]).toEqual([path, 401]);
    }
    for (const path of ["/connections", "/metrics"]) {
      expect([path, await ask(path, `Bearer ${TOKEN}`), await ask(path, basic(TOKEN))]).toEqual([path, 200, 200]);
    }
    // A connection without a token of its own takes the connector's; one with a token takes its own alone.
    const [n, m] = ['{"n":1}', '{"m":1}'];
    expect([await ask("/ingest/open", undefined, n), await ask("/ingest/open", `Bearer ${TOKEN}`, n)]).toEqual([
      401, 202,
    ]);
    expect([await ask("/ingest/own", `Bearer ${TOKEN}`, m), await ask("/ingest/own", "Bearer of-the-plc", m)]).toEqual([
      401, 202,
    ]);
  } finally {
    await served.end("SIGTERM");
  }
});
