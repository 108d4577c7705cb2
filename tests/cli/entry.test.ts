/** `oee entry` with answers of a gateway, over a real port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folderWith, OEE } from "./oee.ts";

const taken: unknown[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (piece: Buffer) => (body += piece.toString()));
  request.on("end", () => {
    const given = JSON.parse(body) as { id: string; type: string };
    const isRefused = given.id === "wrong";
    if (!isRefused) taken.push(given);
    response.writeHead(isRefused ? 422 : 202, { "content-type": "application/json" });
    const refusal = { code: "OEE_HTTP_ENTRY_REFUSED", refusal: "unknown-scope", detail: "the plant has no scope" };
    response.end(
      JSON.stringify(isRefused ? refusal : { accepted: 1, entries: [{ type: given.type, id: given.id, rev: 1 }] }),
    );
  });
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Runs `oee entry` asynchronously, since the server of this process must answer meanwhile. */
function entry(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [OEE, "entry", ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

test("RE-1, RE-2: entries are sent one after the other; a refused one is printed, and the others go on", async () => {
  const file = folderWith({
    "entries.yaml":
      "targets: [{ id: t, scope: s, measure: oee, value: 0.8 }, { id: wrong, scope: x, measure: oee, value: 1 }]\nactions: [{ id: a, scope: s, title: Guide, addresses: oee }]\n",
  });
  const { code, stdout, stderr } = await entry(file("entries.yaml"), "--url", `${url}/`);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining("entry wrong: unknown-scope") as unknown,
  });
  const lines = stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: "target", id: "t", rev: 1 },
    { type: "action", id: "a", rev: 1 },
  ]);
  expect(taken).toMatchObject([
    { type: "target", id: "t", value: 0.8 },
    { type: "action", id: "a" },
  ]);
});

test("BL-2: oee baseline asks a gateway for a baseline of a scope and dates; a later revision freezes it anew", async () => {
  const run = (...more: string[]): Promise<number> =>
    new Promise((resolve) => {
      const dates = ["--scope", "s", "--from", "2026-01-01", "--to", "2026-04-01", "--id", "b", "--by", "anna"];
      execFile(process.execPath, [OEE, "baseline", ...dates, ...more, "--url", url], (error) =>
        resolve(typeof error?.code === "number" ? error.code : 0),
      );
    });
  const before = taken.length;
  expect([await run(), await run("--rev", "2")]).toEqual([0, 0]);
  const asked = { type: "baseline", id: "b", scope: "s", from: "2026-01-01", to: "2026-04-01", by: "anna" };
  expect(taken.slice(before)).toEqual([
    { ...asked, rev: 1 },
    { ...asked, rev: 2, freeze: "now" },
  ]);
});

test("a gateway that cannot be reached is an error of one line", async () => {
  const file = folderWith({ "entries.ndjson": '{"type":"target","id":"t"}\n' });
  const { code, stderr } = await entry(file("entries.ndjson"), "--url", "http://127.0.0.1:1");
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/cannot reach http:\/\/127\.0\.0\.1:1/) as unknown,
  });
});
