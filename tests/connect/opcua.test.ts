/** OPC UA with a real asyncua server: each test shows something that the client library alone would get wrong. */
import { execFile, execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { knownCertificates } from "../../services/connectors/src/opcua/trust.ts";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { cableTo } from "./network.ts";
import { Collected, opcUaServer, temporaryFolder } from "./peers.ts";

const OEE = "services/oee/bin/oee.js";
const NODE = "nsu=http://example.org/press;s=Press.";

const connectionTo = (name: string, port: number, machine: string, settings: string, mapping: string): string =>
  `  ${name}: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', every: 100ms, timeout: 6s, ${settings},
    machines: { ${machine}: ${mapping.replaceAll("\n", " ")} } }\n`;

const MAPPING = `{
  signals: { state: '${NODE}State', good: '${NODE}Good', scrap: { node: '${NODE}Scrap', trigger: timestamp },
    acc: { node: '${NODE}Counts', field: 0.AccCount, sampling: 10ms }, order: '${NODE}Order', text: '${NODE}Text', gone: '${NODE}Missing' },
  state: state, totals: { good: good, scrap: scrap, rework: acc }, product: text, order: order }`;

const AT = Date.now() + 1_000;
const iso = (second: number): string => new Date(AT + 1000 * second).toISOString();

const statesOf = ({ events }: Collected, machine = FILLER): unknown[] =>
  events.filter((event) => event["machine"] === machine && "state" in event).map(({ state }) => state);
const totalsOf = ({ events }: Collected, quantity: string): unknown[] =>
  events.flatMap(({ total }) => (total as Record<string, unknown> | undefined)?.[quantity] ?? []);

const isTotal = ({ total }: Collected["events"][number], rework: number): boolean =>
  (total as Record<string, unknown> | undefined)?.["rework"] === rework;

test("values, qualities and instants are the server's; a node that it lacks is reported, and the others are read", async () => {
  const port = await freePort();
  const server = await opcUaServer(port);
  const receiver = new Collected();
  const POLLED = "berlin/packing/l1/labeller";
  const text =
    "connections:\n" +
    connectionTo("subscribed", port, FILLER, "security: none", MAPPING) +
    connectionTo(
      "polled",
      port,
      POLLED,
      "security: none, read: poll",
      `{ signals: { state: '${NODE}State' }, state: state }`,
    );
  const { connector, told } = connectorOf(text, { receiver, folder: temporaryFolder() });
  const has = (...quantities: readonly string[]): boolean =>
    quantities.every((one) => totalsOf(receiver, one).length > 0);
  await until("the first values", () => {
    const states = [FILLER, POLLED].every((machine) => statesOf(receiver, machine).length > 0);
    const isJob = receiver.events.some(({ type, order }) => type === "job" && order !== undefined);
    return (states && isJob && has("good", "scrap", "rework")) || undefined;
  });
  expect(statesOf(receiver)).toEqual(["6"]);
  // A 64-bit integer, which the library gives in two halves; a field of a structure in an array; a LocalizedText.
  expect(["good", "scrap", "rework"].map((quantity) => totalsOf(receiver, quantity))).toEqual([[100], [5], [1003]]);
  expect(receiver.events.findLast(({ type }) => type === "job")).toMatchObject({ product: "Execute", order: "4711" });
  expect(told.filter((line) => line.includes("Press.Missing") && line.includes("BadNodeIdUnknown"))).toHaveLength(1);
  // asyncua samples as often as it publishes, whatever it is asked for.
  expect(told.filter((line) => line.includes("asked for a sample each"))).toEqual([
    expect.stringMatching(/Press\.Counts.*asked for a sample each 10 ms, the server takes one each 100 ms/),
  ]);

  server.set("State", 9, { at: AT });
  // Quality good with the overflow bits, which the client's `isGood()` takes for bad.
  server.set("Good", 101, { at: AT, status: 0x480 });
  // Quality bad: the server sends null, which must not count as 0.
  server.set("State", 6, { at: AT + 1000, status: 0x80310000 });
  server.set("Good", 102, { at: AT + 1000, status: 0x80310000 });
  server.set("Good", 2 ** 53, { at: AT + 2000 });
  server.set("State", 6, { at: AT + 3000 });
  // Quality uncertain with the present value; then uncertain with an old one.
  server.set("State", 11, { at: AT + 4000, status: 0x40910000 });
  server.set("State", 6, { at: AT + 5000, status: 0x40900000 });
  // The same value with another instant is handed over, since `timestamp` is set.
  server.set("Scrap", 5, { at: AT + 6000 });
  server.set("Counts", 1004, { at: AT + 6000 });
  await until("the last count", () => totalsOf(receiver, "rework").length >= 2 || undefined);
  await until("the last state", () => statesOf(receiver).length >= 6 || undefined);
  const changes = receiver.events.filter(({ machine, state }) => machine === FILLER && state !== undefined).slice(1);
  expect(changes.map(({ state, at }) => [state, at])).toEqual([
    ["9", iso(0)],
    ["unknown", iso(1)],
    ["6", iso(3)],
    ["11", iso(4)],
    ["unknown", iso(5)],
  ]);
  expect(totalsOf(receiver, "good")).toEqual([100, 101]);
  expect(told.filter((line) => line.includes("beyond 2^53"))).toHaveLength(1);
  expect(totalsOf(receiver, "scrap")).toEqual([5, 5]);
  expect(totalsOf(receiver, "rework")).toEqual([1003, 1004]);
  expect(connector.status().connections[0]?.gaps).toMatchObject([{ why: expect.stringContaining("queue") }]);
  // A controller without a clock sends "none" as source time: the value is dated by another clock.
  server.set("Counts", 1005, { at: Date.UTC(1601, 0, 1) });
  const last = await until("the count without a time", () => receiver.events.find((event) => isTotal(event, 1005)));
  expect(Date.parse(String(last["at"]))).toBeGreaterThan(AT - 120_000);
  // A node that the server makes later is found by itself.
  server.add("Missing", "made later");
  const heard = (): unknown =>
    connector.status().connections[0]?.signals.find(({ signal }) => signal === "gone")?.value;
  await until("the late node", () => heard() === "made later" || undefined);
  await until("the polled states", () => statesOf(receiver, POLLED).at(-1) === "unknown" || undefined);
});

test("a server that is frozen, killed, and started again with other namespace indexes is read on by itself", async () => {
  const port = await freePort();
  const server = await opcUaServer(port);
  const receiver = new Collected();
  const text = `connections:\n${connectionTo("press", port, FILLER, "security: none", `{ signals: { state: '${NODE}State' }, state: state }`)}`;
  const folder = temporaryFolder();
  const { connector } = connectorOf(text, { receiver, folder });
  await until("the first state", () => statesOf(receiver).length === 1 || undefined);
  server.freeze();
  await until("no data", () => statesOf(receiver).at(-1) === "unknown" || undefined);
  server.thaw();
  // By its instant the state did not change meanwhile: it goes on from where it became unknown.
  await until("the state again", () => statesOf(receiver).length === 3 || undefined);
  const [, unknown, again] = receiver.events;
  expect(statesOf(receiver)).toEqual(["6", "unknown", "6"]);
  expect(Date.parse(String(again?.["at"])) - Date.parse(String(unknown?.["at"]))).toBe(1);

  await server.kill("SIGKILL");
  await until("no data again", () => statesOf(receiver).length === 4 || undefined);
  const moved = await opcUaServer(port, "moved");
  await until("the state of the new server", () => statesOf(receiver).at(-1) === "6" || undefined);
  moved.set("State", 9);
  await until("a change on the new server", () => statesOf(receiver).at(-1) === "9" || undefined);
  expect(connector.status().connections[0]?.gaps.length).toBeGreaterThan(0);

  // The time in which no connector ran is unknown, not the last state.
  await connector.close();
  receiver.events.splice(0);
  const wentAt = Date.now();
  moved.set("State", 6);
  connectorOf(text, { receiver, folder });
  await until("the state after a restart", () => statesOf(receiver).at(-1) === "6" || undefined);
  expect(statesOf(receiver)).toEqual(["unknown", "6"]);
  expect(Date.parse(String(receiver.events[1]?.["at"]))).toBeGreaterThanOrEqual(wentAt);
});

test("asyncua answers requests for missed notifications for ever: these signs of life are none, and the server is read anew", async () => {
  const port = await freePort();
  const server = await opcUaServer(port);
  const cable = await cableTo(port);
  const receiver = new Collected();
  const mapping = `{ signals: { state: '${NODE}State' }, state: state }`;
  // So long that a server that is held up is not taken for silent before the storm.
  const patient = connectionTo("press", cable.port, FILLER, "security: none", mapping).replace("6s", "30s");
  const { connector } = connectorOf(`connections:\n${patient}`, { receiver, folder: temporaryFolder() });
  await until("the first state", () => statesOf(receiver).length === 1 || undefined);
  const cutAt = Date.now();
  // A cut so short that the client has its session restored.
  cable.pull();
  cable.plug();
  const gap = await until("the gap", () => connector.status().connections[0]?.gaps[0]);
  expect(gap.why).toBe("the server was read anew: signs of life come much more often than was agreed");
  // The machine was not heard since the cut.
  expect(gap.from).toBeLessThanOrEqual(cutAt);
  // The gap is told before the values are read again.
  await until("the state again", () => statesOf(receiver).length === 3 || undefined);
  server.set("State", 9);
  await until("a change", () => statesOf(receiver).at(-1) === "9" || undefined);
  expect(statesOf(receiver)).toEqual(["6", "unknown", "6", "9"]);
});

test("a server that knows no subscriptions is read in turn, and says so", async () => {
  const port = await freePort();
  const server = await opcUaServer(port, "unsubscribed");
  const receiver = new Collected();
  const mapping = `{ signals: { state: '${NODE}State' }, state: state }`;
  const text = `connections:\n${connectionTo("press", port, FILLER, "security: none", mapping)}`;
  const { told } = connectorOf(text, { receiver, folder: temporaryFolder() });
  await until("the first state", () => statesOf(receiver).length === 1 || undefined);
  server.set("State", 9);
  await until("a change", () => statesOf(receiver).at(-1) === "9" || undefined);
  expect(statesOf(receiver)).toEqual(["6", "9"]);
  expect(told.filter((line) => line.includes("no subscription for us, so it is read in turn"))).toEqual([
    expect.stringContaining("BadServiceUnsupported"),
  ]);
});

function certificate(folder: string, name: string, uri: string): void {
  const options = ["-newkey", "rsa:2048", "-nodes", "-x509", "-days", "30", "-subj", `/CN=${name}`];
  const usage = "keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyCertSign";
  const extensions = [`subjectAltName=URI:${uri},DNS:localhost`, usage, "extendedKeyUsage=serverAuth,clientAuth"];
  execFileSync(
    "openssl",
    [
      ...[
        "req",
        ...options,
        "-keyout",
        join(folder, `${name}.pem`),
        "-out",
        join(folder, `${name}.der`),
        "-outform",
        "DER",
      ],
      ...extensions.flatMap((extension) => ["-addext", extension]),
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
}

test("signed and encrypted: a server is refused until its certificate is accepted, and users sign in", async () => {
  const folder = temporaryFolder();
  certificate(folder, "server", "urn:example:press");
  certificate(folder, "user", "urn:example:user");
  const user = new X509Certificate(readFileSync(join(folder, "user.der")));
  writeFileSync(join(folder, "user.crt"), user.toString());
  const port = await freePort();
  await opcUaServer(port, "secure", folder);
  const receiver = new Collected();
  const data = temporaryFolder();
  const machineOf = (name: string): string => `berlin/packing/l1/${name}`;
  const signIns = {
    password: "username: anna, password: secret",
    certificate: `certificate: { file: ${folder}/user.crt }, key: { file: ${folder}/user.pem }`,
    wrong: "username: anna, password: guessed",
  };
  const connections = Object.entries(signIns).map(([name, settings]) =>
    connectionTo(name, port, machineOf(name), settings, `{ signals: { state: '${NODE}State' }, state: state }`),
  );
  const { told } = connectorOf(`connections:\n${connections.join("")}`, { receiver, folder: data });
  const certificates = join(data, "opcua", "certificates");
  const refused = await until("the refused certificate", async () => (await knownCertificates(certificates)).at(0));
  expect(refused).toMatchObject({ trusted: false, subject: "CN=server" });
  expect(receiver.events).toEqual([]);
  await until("word of it", () =>
    told.find((line) => line.includes(`oee connect trust --data ${data} lists and accepts it`)),
  );
  // Run asynchronously: the connector of this process must be able to go on between emptying and writing the certificate.
  const trust = async (...fingerprint: readonly string[]): Promise<string> =>
    (await promisify(execFile)(OEE, ["connect", "trust", "--data", data, ...fingerprint])).stdout;
  expect(await trust()).toMatch(/^refused {2}[0-9A-F:]{95} {2}CN=server, valid until /);
  expect(await trust(refused.fingerprint.slice(0, 11))).toMatch(/^trusted {2}[0-9A-F:]{95} {2}CN=server\n$/);
  expect(await knownCertificates(certificates)).toMatchObject([{ trusted: true }]);
  for (const name of ["password", "certificate"])
    await until(`a state by ${name}`, () => statesOf(receiver, machineOf(name)).length === 1 || undefined);
  await until("the refused user", () =>
    told.find((line) => /wrong.*Bad(?:UserAccessDenied|IdentityTokenRejected)/.test(line)),
  );
  expect(statesOf(receiver, machineOf("wrong"))).toEqual([]);
});

test("with an interval of two minutes the session gets a timeout that is as long, without which the client makes no subscription", async () => {
  const port = await freePort();
  await opcUaServer(port);
  const text = `connections: { slow: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 2m,
    machines: { ${FILLER}: { signals: { none: '${NODE}None' } } } } }`;
  const { told } = connectorOf(text, { receiver: new Collected(), folder: temporaryFolder() });
  // The publishing interval that the server agreed to.
  await until("the item", () => told.find((line) => line.includes("the server answers BadNodeIdUnknown"))).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}: ${told.join("; ")}`);
    },
  );
});
