import { formatProblem } from "@oee/model";
import { expect, test } from "vitest";
import { parseConnections } from "./connections-file.ts";

const parse = (text: string): string =>
  ((result) => (result.ok ? "" : result.problems.map(formatProblem).join("\n")))(
    parseConnections(text, "connections.yaml", new Set(["s/a/l/m"]), { SECRET: "x" }),
  );

const one = (settings: string, machine = "s/a/l/m: { signals: { s: x }, state: s }"): string =>
  `connections:\n  c: { ${settings}, machines: { ${machine} } }\n`;

test("a sound file has no problem", () => {
  const MQTT = "protocol: mqtt, url: 'mqtt://b', clientId: i, password: { env: SECRET }";
  expect(parse(one(MQTT, "s/a/l/m: { signals: { s: { topic: a/+/b, value: state, at: ts } }, state: s }"))).toBe("");
  expect(
    parse(
      one(
        "protocol: modbus, host: h",
        "s/a/l/m: { signals: { s: { holding: 3, as: uint32, order: CDAB } }, totals: { good: s } }",
      ),
    ),
  ).toBe("");
  expect(parse(one("protocol: shdr, host: h, port: 7878"))).toBe("");
  expect(
    parse(
      one(
        "protocol: sparkplug, url: 'mqtt://b', clientId: i, hostId: h",
        "s/a/l/m: { signals: { s: { group: g, node: n, device: d, metric: [a, DATA/a] }, c: { group: g, node: n, metric: t, column: c, row: 1 } }, state: s, totals: { good: c } }",
      ),
    ),
  ).toBe("");
  const OPC_UA = "protocol: opcua, url: 'opc.tcp://h:4840', username: u, password: { env: SECRET }";
  expect(
    parse(
      one(
        OPC_UA,
        "s/a/l/m: { signals: { s: 'nsu=urn:x;s=a', g: { node: i=7, field: 0.AccCount } }, state: { packml: [s] }, totals: { good: g } }",
      ),
    ),
  ).toBe("");
});

test("two connections with one client identifier at one broker are refused: each would end the other's, and take its messages", () => {
  const machines = "machines: { s/a/l/m: { signals: { s: { topic: a, value: s } }, state: s } }";
  const MQTT = "protocol: mqtt, url: 'mqtt://b', clientId: i";
  const two = (settings: string): string =>
    parse(`connections:\n  a: { ${MQTT}, ${machines} }\n  b: { ${settings} }\n`);
  expect(two(`${MQTT}, ${machines}`)).toContain(
    'connections.yaml:3:51: connections.b.clientId: found the client identifier "i" again, expected another than that of a at the same broker',
  );
  const edge = "machines: { s/a/l/m: { signals: { s: { group: g, node: n, metric: m } }, state: s } }";
  expect(two(`protocol: sparkplug, url: 'mqtt://b', clientId: i, hostId: h, ${edge}`)).toContain(
    "another than that of a",
  );
  expect(two(`protocol: mqtt, url: 'mqtt://b', clientId: j, ${machines}`)).toBe("");
  expect(two(`protocol: mqtt, url: 'mqtt://c', clientId: i, ${machines}`)).toBe("");
});

test("an id with names in braces stands for machines of the plant, and the names in its signals for the parts of their ids", () => {
  const text = `connections:
  c:
    protocol: mqtt
    url: mqtt://b
    clientId: i
    machines:
      s/{area}/l/{machine}: { signals: { s: { topic: 'hall/{area}/{machine}/{other}', value: state }, n: { topic: n } }, state: s }
      s/a/l/own: { signals: { s: { topic: own } }, state: s }
`;
  const parsed = (machines: readonly string[] | null): ReturnType<typeof parseConnections> =>
    parseConnections(text, "connections.yaml", machines === null ? null : new Set(machines), {});
  const result = parsed(["s/a/l/m", "s/b/l/m-2", "s/a/l/own", "t/a/l/m", "s/a/k/m"]);
  expect(result.ok).toBe(true);
  const [connection] = result.ok ? result.connections : [];
  expect(connection?.signals.map(({ machine, address }) => [machine, (address as { topic: string }).topic])).toEqual([
    ["s/a/l/m", "hall/a/m/{other}"],
    ["s/a/l/m", "n"],
    ["s/b/l/m-2", "hall/b/m-2/{other}"],
    ["s/b/l/m-2", "n"],
    ["s/a/l/own", "own"],
  ]);
  // Another machine of the plant makes it another connection.
  const more = parsed(["s/a/l/m", "s/b/l/m-2", "s/a/l/own", "s/c/l/m"]);
  expect(more.ok && more.connections[0]?.said).not.toBe(connection?.said);
  const why = (machines: readonly string[] | null): string => {
    const refused = parsed(machines);
    return refused.ok ? "" : refused.problems.map(formatProblem).join("\n");
  };
  expect(why(null)).toMatch(/^connections\.yaml:7:7: .*expected a plant file too/);
  expect(why(["s/a/l/own"])).toContain("expected the form of the id of a machine of the plant");
});

test.each([
  [one("protocol: shdr"), "no host"],
  [one("protocol: shdr, hots: h, host: h"), '"host"'],
  [one("protocol: mqt, host: h"), "one of files, http, modbus, mqtt, mtconnect, opcua, shdr, sparkplug"],
  [one("host: h"), "no protocol"],
  [one("protocol: shdr, host: h", "s/a/l/x: { signals: { s: x }, state: s }"), "expected one of the plant"],
  [
    one("protocol: shdr, host: h", "s/a/l/m: { signals: { s: x }, state: t }"),
    'expected a signal of this machine: "s"',
  ],
  [one("protocol: shdr, host: h", "s/a/l/m: { signals: { s: x }, totals: { produced: s } }"), "beside good"],
  [
    one("protocol: shdr, host: h", "s/a/l/m: { signals: { s: x, p: y }, totals: { good: s }, deltas: { good: p } }"),
    "found good again, expected each quantity once",
  ],
  [
    one("protocol: shdr, host: h", "s/a/l/m: { signals: { s: x, p: y }, deltas: { good: s }, pulses: { good: p } }"),
    "found good again, expected each quantity once",
  ],
  [one("protocol: modbus, host: h", "s/a/l/m: { signals: { s: { holding: 3, coil: 4 } } }"), "holding and coil"],
  [one("protocol: mqtt, url: 'http://b', clientId: i"), "mqtt://broker:1883"],
  [
    one("protocol: mqtt, url: 'mqtt://b', clientId: i, password: { env: NOT_SET }"),
    "an environment variable that is set",
  ],
  [
    one("protocol: mqtt, url: 'mqtt://b', clientId: i", "s/a/l/m: { signals: { s: { topic: 'a/#/b' } }, state: s }"),
    'found the text "a/#/b", expected a topic, in which + is a whole level and # the last one',
  ],
  [
    one(
      "protocol: mqtt, url: 'mqtt://b', clientId: i",
      "s/a/l/m: { signals: { s: { topic: t, value: '((' } }, state: s }",
    ),
    "a JSONata expression",
  ],
  [
    one(
      "protocol: mqtt, url: 'mqtt://b', clientId: i",
      "s/a/l/m: { signals: { s: { topic: t, value: '$contains(v, /a(?=b)/)' } }, state: s }",
    ),
    "look neither ahead nor behind",
  ],
  [
    one(
      "protocol: sparkplug, url: 'mqtt://b', clientId: i, hostId: h",
      "s/a/l/m: { signals: { s: { group: g/n, node: n, metric: a } }, state: s }",
    ),
    "a group, without /, + and #",
  ],
  [one("protocol: mtconnect, url: agent"), "http://agent:5000"],
  [one("protocol: opcua, url: 'http://b'"), "opc.tcp://machine:4840"],
  [one("protocol: opcua, url: 'opc.tcp://b', username: u"), "username and password"],
  [
    one("protocol: opcua, url: 'opc.tcp://b'", "s/a/l/m: { signals: { s: 'ns=2;s=a' }, state: s }"),
    "by its namespace's URI",
  ],
  [one("protocol: files, folder: f, dates: yyyy"), "dd.MM.yyyy"],
  [one("protocol: files, folder: f, timezone: Europe/Berln"), "a time zone such as"],
  [one("protocol: files, folder: f, encoding: utf-7"), "an encoding"],
  [one("protocol: files, folder: f", "s/a/l/m: { signals: { s: { at: t } }, state: s }"), "or values"],
])("%s is refused", (text, told) => {
  const problems = parse(text);
  expect(problems).toContain(told);
  expect(problems).toMatch(/^connections\.yaml:2:\d+: /m);
});
