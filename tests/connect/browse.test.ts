/** `oee browse` of peers without a description: it lists what they have, and drafts files that `oee check` accepts and that read them. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createWebServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { encodePayload } from "../../services/connectors/test/sparkplug-encoder.ts";
import { runOee, until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf } from "./connector.ts";
import { Agent } from "./mtconnect-agent.ts";
import { Collected, mosquitto, opcUaServer, sparkplugEdge, temporaryFolder } from "./peers.ts";

const OEE = "services/oee/bin/oee.js";
const oee = (...args: readonly string[]): string =>
  execFileSync(OEE, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

test("an unknown OPC UA server: its variables are listed, and the drafted files are valid and read it", async () => {
  const port = await freePort();
  await opcUaServer(port);
  const folder = temporaryFolder();
  const files = ["--connections", join(folder, "c.yaml"), "--plant", join(folder, "p.yaml")];
  const peer = [`opc.tcp://127.0.0.1:${port}/`, "--security", "none", "--data", join(folder, "data")];
  const listed = oee("connect", "browse", ...peer);
  expect(listed).toContain("Press\tState\t6\tnsu=http://example.org/press;s=Press.State\n");
  expect(listed).toContain("Press\tGood\t100\tnsu=http://example.org/press;s=Press.Good\n");
  expect(listed).toContain(
    'Press\tCounts.0.AccCount\t1003\t{"node":"nsu=http://example.org/press;s=Press.Counts","field":"0.AccCount"}\n',
  );
  expect(oee("connect", "draft", ...peer, ...files)).toContain("1 machine");
  expect(oee("check", join(folder, "p.yaml"), join(folder, "c.yaml"))).toContain("1 connection, 1 machine");
  expect(readFileSync(join(folder, "p.yaml"), "utf8")).toContain("states: packml");
  expect(() => oee("connect", "draft", ...peer, ...files)).toThrow(/Command failed/);
  const receiver = new Collected();
  connectorOf(readFileSync(join(folder, "c.yaml"), "utf8"), { receiver, folder: join(folder, "data") });
  const seen = (): Record<string, unknown> =>
    Object.assign(
      {},
      ...receiver.events.map(({ state, total }) => ({
        ...(state === undefined ? {} : { state }),
        ...(total as object | undefined),
      })),
    );
  await until("a state and totals", () => Object.keys(seen()).length === 3 || undefined);
  expect(seen()).toEqual({ state: "6", good: 100, scrap: 5 });
  expect(new Set(receiver.events.map(({ machine }) => machine))).toEqual(new Set(["site/area/line/press"]));
});

test("a server that offers no encryption is refused, with what it offers", async () => {
  const port = await freePort();
  await opcUaServer(port);
  const data = join(temporaryFolder(), "data");
  const ended = await runOee(["connect", "browse", `opc.tcp://127.0.0.1:${port}/`, "--data", data]).ended;
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain("it offers security none: add --security none");
});

test("a peer that is another than its address says is told as such, with what it answered", async () => {
  const mute = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  const hangsUp = createServer((socket) => void socket.end("no broker")).listen(0, "127.0.0.1");
  const web = createWebServer((request, response) =>
    request.url === "/error/current"
      ? response.end(`<MTConnectError><Errors><Error errorCode="NO_DEVICE">x</Error></Errors></MTConnectError>`)
      : response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><br>"),
  ).listen(0, "127.0.0.1");
  const servers = [mute, hangsUp, web];
  for (const server of servers) onTestFinished(() => void server.close());
  await Promise.all(servers.map((server) => once(server, "listening")));
  const at = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const said = async (address: string): Promise<string> => {
    const { code, stderr } = await runOee(["connect", "browse", address, "--seconds", "1"]).ended;
    expect(code).not.toBe(0);
    return stderr;
  };
  const all = [`mqtt://${at(mute)}`, `mqtt://${at(hangsUp)}`, `http://${at(web)}`, `http://${at(web)}/error`];
  const told = await Promise.all([...all, "10.1.0.30"].map(said));
  expect(told).toEqual([
    expect.stringContaining("connack timeout"),
    expect.stringMatching(/it ended the connection|Invalid header/),
    expect.stringContaining("found an answer of status 404 and text/html that is no document of an MTConnect agent"),
    expect.stringContaining("the agent answers NO_DEVICE"),
    expect.stringContaining('found "10.1.0.30", expected opc.tcp://'),
  ]);
});

test("an unknown broker: topics, fields of JSON and Sparkplug metrics are listed, and drafted", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const folder = temporaryFolder();
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const files = ["--connections", join(folder, "c.yaml"), "--plant", join(folder, "p.yaml")];
  const edge = await sparkplugEdge("pysparkplug", port);
  const status = JSON.stringify({ plc: { "machine state": "ACTIVE" }, parts: 7, temperature: 20.5 });
  await sender.publishAsync("hall/lathe", status, { retain: true });
  await sender.publishAsync("hall/press/running", "true", { retain: true });
  // What a machine says on several topics, some of them with fields, is one machine's.
  const ts = "2026-03-02T05:00:00Z";
  const said: Readonly<Record<string, unknown>> = {
    "hall/sealer/status": { payload: { ts, state: "running" } },
    "hall/sealer/count": 100,
    "hall/capper/count": { time: Date.parse(ts) / 1000, value: 7 },
    // A clock that is ahead says less than the arrival.
    "hall/capper/status": { ts: "2099-03-02T05:00:00Z", value: "EXECUTE" },
    // The instant of its own object, else of one around it.
    "hall/filler": { Timestamp: Date.parse(ts), state: "idle", good: { "time stamp": "?", timestamp: ts, count: 3 } },
  };
  for (const [topic, one] of Object.entries(said)) {
    await sender.publishAsync(topic, JSON.stringify(one), { retain: true });
  }
  // The birth was published before the command listens, so that it knows metrics from data by name alone.
  const saying = setInterval(() => edge.set("state", "Execute"), 200);
  onTestFinished(() => clearInterval(saying));
  const drafting = runOee([
    "connect",
    "draft",
    `mqtt://127.0.0.1:${port}`,
    "--seconds",
    "8",
    "--data",
    folder,
    ...files,
  ]);
  onTestFinished(() => void drafting.end("SIGKILL"));
  await until("the files", () => drafting.stdout().includes("machines") || undefined);
  const connections = readFileSync(join(folder, "c.yaml"), "utf8");
  expect(connections).toContain("value: plc.`machine state`");
  expect(connections).toContain("topic: hall/press/running");
  expect(connections).toMatch(/group: plant\n +node: pysparkplug\n +device: filler\n +metric: state/);
  expect(readFileSync(join(folder, "p.yaml"), "utf8")).toContain("states: mtconnect");
  expect(oee("check", join(folder, "p.yaml"), join(folder, "c.yaml"))).toContain("2 connections, 6 machines");
  const drafted = parse(connections) as { connections: { mqtt: { machines: Record<string, unknown> } } };
  expect(drafted.connections.mqtt.machines).toMatchObject({
    "site/area/line/sealer": {
      signals: {
        state: { topic: "hall/sealer/status", value: "payload.state", at: "payload.ts" },
        good: { topic: "hall/sealer/count" },
      },
      state: "state",
      totals: { good: "good" },
    },
    "site/area/line/capper": {
      signals: {
        state: { topic: "hall/capper/status", value: "value" },
        good: { topic: "hall/capper/count", value: "value", at: "$floor(time * 1000)" },
      },
      state: "state",
      totals: { good: "good" },
    },
    "site/area/line/filler": {
      signals: {
        state: { topic: "hall/filler", value: "state", at: "Timestamp" },
        good: { topic: "hall/filler", value: "good.count", at: "good.timestamp" },
      },
    },
  });
  expect(connections).not.toMatch(/2099|at: ts/);
});

test("a Sparkplug node whose birth was missed is asked for it with --rebirth, and left alone without", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const node = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => node.endAsync(true));
  const state = { alias: 1, string: "Execute", timestamp: Date.now() };
  let asked = 0;
  node.on("message", () => {
    asked++;
    const born = { name: "press state", datatype: 12, ...state };
    node.publish("spBv1.0/g/NBIRTH/n", encodePayload({ timestamp: Date.now(), seq: 0, metrics: [born] }));
  });
  await node.subscribeAsync("spBv1.0/g/NCMD/n");
  let seq = 0;
  const tell = (): void =>
    void node.publish(
      "spBv1.0/g/NDATA/n",
      encodePayload({ timestamp: Date.now(), seq: ++seq % 256, metrics: [state] }),
    );
  const telling = setInterval(tell, 200);
  onTestFinished(() => clearInterval(telling));
  const listed = async (...more: readonly string[]): Promise<string> => {
    const peer = ["connect", "browse", `mqtt://127.0.0.1:${port}`, "--seconds", "4", "--data", temporaryFolder()];
    const { code, stdout, stderr } = await runOee([...peer, ...more]).ended;
    expect(code, stderr).toBe(0);
    return stdout;
  };
  expect(await listed()).not.toContain("press state");
  expect(asked).toBe(0);
  expect(await listed("--rebirth")).toContain('g/n\tpress state\t"Execute"');
  expect(asked).toBe(1);
});

test("an unknown MTConnect agent: execution and part counts are drafted", async () => {
  const port = await freePort();
  const agent = await Agent.listening(port, 7);
  agent.add("exec", "ACTIVE", Date.now());
  agent.add("pc", "7", Date.now());
  const folder = temporaryFolder();
  const files = ["--connections", join(folder, "c.yaml"), "--plant", join(folder, "p.yaml")];
  // The agent runs in this process, which therefore must not block while the command runs.
  const run = async (...args: readonly string[]): Promise<string> => (await runOee(args).ended).stdout;
  expect(await run("connect", "browse", `http://127.0.0.1:${port}`)).toContain('lathe\tExecution\t"ACTIVE"\texec\n');
  expect(await run("connect", "draft", `http://127.0.0.1:${port}`, ...files)).toContain("1 machine");
  expect(oee("check", join(folder, "p.yaml"), join(folder, "c.yaml"))).toContain("1 connection, 1 machine");
  expect(readFileSync(join(folder, "p.yaml"), "utf8")).toContain("states: mtconnect");
  expect(readFileSync(join(folder, "c.yaml"), "utf8")).toMatch(/state: exec\n +good: pc\n/);
});
