/**
 * connections.schema.json, which editors read, accepts what the parser accepts. Its part of each protocol is `schema.json` in the
 * protocol's folder; `UPDATE_SCHEMA=1` puts these parts into it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseConnections } from "./connections-file.ts";
import { MAPPING_KEYS } from "./mapping/mapping.ts";
import { PROTOCOLS } from "./registry.ts";

interface Schema {
  readonly properties: { readonly connections: { readonly additionalProperties: object } };
  readonly $defs: Readonly<Record<string, object>>;
}

const WHOLE = new URL("../connections.schema.json", import.meta.url);

function jsonIn(file: URL): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The schema with its common parts unchanged, and for each protocol of the registry the part in its folder. */
function composed(whole: Schema): Schema {
  const names = [...PROTOCOLS.keys()];
  const ofProtocols = names.map((name) => jsonIn(new URL(`${name}/schema.json`, import.meta.url)) as Schema["$defs"]);
  const { connections } = whole.properties;
  const common = Object.entries(whole.$defs).filter(([name]) => !ofProtocols.some((part) => name in part));
  return {
    ...whole,
    properties: {
      ...whole.properties,
      connections: {
        ...connections,
        additionalProperties: {
          ...connections.additionalProperties,
          properties: { protocol: { enum: names } },
          oneOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
        },
      },
    },
    $defs: Object.assign(Object.fromEntries(common), ...ofProtocols) as Schema["$defs"],
  };
}

if (process.env["UPDATE_SCHEMA"] === "1") {
  writeFileSync(WHOLE, `${JSON.stringify(composed(jsonIn(WHOLE) as Schema), null, 2)}\n`);
}
const schema = jsonIn(WHOLE) as Schema;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

const one = (settings: string, machine = "{ signals: { s: x }, state: s }"): string =>
  `connections: { c: { ${settings}, machines: { s/a/l/m: ${machine} } } }`;
const MQTT = "protocol: mqtt, url: 'mqtt://b', clientId: i";
const SPARKPLUG = "protocol: sparkplug, url: 'mqtts://b', clientId: i, hostId: h";
const OPC_UA = "protocol: opcua, url: 'opc.tcp://h:4840'";
const MODBUS = "protocol: modbus, host: h";
const ALL = "product: s, order: s, idealCycleSeconds: s, piecesPerCount: s, deltas: { scrap: s }, totals: { good: s }";

const GOOD: readonly string[] = [
  one(
    `${MQTT}, version: 5, password: { env: PATH }`,
    "{ signals: { s: { topic: a/+/#, value: v, at: t } }, state: s }",
  ).replace("version: 5", "version: '5'"),
  one(SPARKPLUG, "{ signals: { s: { group: g, node: n, device: d, metric: [a, b], column: c, row: 1 } }, state: s }"),
  one(
    `${OPC_UA}, security: none, every: 100ms`,
    "{ signals: { s: 'nsu=urn:x;s=a', p: i=7 }, state: { packml: [s, p] } }",
  ),
  one(
    OPC_UA,
    "{ signals: { s: { node: i=7, field: 0.AccCount, sampling: 1s, trigger: timestamp, at: server } }, totals: { good: s, produced: s } }",
  ),
  one(
    `${MODBUS}, port: 5020, unit: 2`,
    "{ signals: { s: { holding: 3, as: uint32, order: CDAB }, c: { coil: 0 } }, state: [{ when: c, is: [1, 'a', true], state: down, reason: { of: s, codes: { '7': jam } } }, { when: s, is: 3, state: held, reason: x/y }, { state: idle }] }",
  ),
  one("protocol: mtconnect, url: 'http://a:5000/lathe', format: json, heartbeat: 10s"),
  one(
    "protocol: shdr, host: h, port: 7878, timeout: 10m",
    "{ signals: { s: x }, state: s, reason: { of: s, codes: {} } }",
  ),
  one(
    "protocol: files, folder: f, pattern: '*.csv', format: csv, separator: ;, decimalComma: true, encoding: utf-8, sheet: x, timezone: Europe/Berlin, dates: dd.MM.yyyy HH:mm, every: 5s",
    `{ signals: { s: { when: a, values: v } }, ${ALL} }`,
  ),
  one("protocol: http, token: { env: PATH }", "{ signals: { s: { value: v, at: t } } }"),
  one("protocol: sql, url: 'postgres://a@b/c', password: p, query: select 1, timeout: 1m", "{ signals: { s: x } }"),
];

const BAD: readonly string[] = [
  "[]",
  "connections: []",
  "connection: {}",
  "connections: { c: {} }",
  "connections: { c: { protocol: shdr, host: h } }",
  one("protocol: shrd, host: h"),
  one("protocol: shdr"),
  one("protocol: shdr, host: h, port: 0"),
  one("protocol: shdr, host: h, unit: 1"),
  one("protocol: shdr, host: 7"),
  one("protocol: shdr, host: h", "{ state: s }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, stat: s }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, totals: { produced: s } }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, totals: { good: s, scrap: s, produced: s } }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, totals: { bad: s } }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, state: [{ when: s }] }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, state: { pack: [s] } }"),
  one("protocol: shdr, host: h", "{ signals: { s: x }, state: s, reason: { of: s } }"),
  one(MQTT.replace("mqtt:", "http:")),
  one(MQTT, "{ signals: { s: { value: v } }, state: s }"),
  one(`${MQTT}, version: '4'`, "{ signals: { s: { topic: t } } }"),
  one(`${MQTT}, password: { env: PATH, file: x }`, "{ signals: { s: { topic: t } } }"),
  one(`${MQTT}, sessionExpirySeconds: 0`, "{ signals: { s: { topic: t } } }"),
  one(SPARKPLUG, "{ signals: { s: { group: g/h, node: n, metric: m } } }"),
  one(SPARKPLUG, "{ signals: { s: { group: g, node: n, metric: m, row: -1 } } }"),
  one(OPC_UA, "{ signals: { s: 'ns=2;s=a' }, state: s }"),
  one(`${OPC_UA}, every: 5`, "{ signals: { s: i=7 } }"),
  one(OPC_UA, "{ signals: { s: { field: a } }, state: s }"),
  one(MODBUS, "{ signals: { s: { holding: 3, coil: 4 } } }"),
  one(MODBUS, "{ signals: { s: { as: int16 } } }"),
  one(MODBUS, "{ signals: { s: { holding: 65536 } } }"),
  one("protocol: mtconnect, url: agent"),
  one("protocol: mtconnect, url: 'http://a', format: yaml"),
  one("protocol: files, folder: f, format: ods"),
  one("protocol: files, folder: f, decimalComma: 'yes'"),
  one("protocol: files, folder: f", "{ signals: { s: { at: t } } }"),
  one("protocol: files, folder: f", "{ signals: { s: { values: v, at: t } } }"),
  one("protocol: sql, url: 'mysql://a', query: q"),
  one("protocol: sql, url: 'postgres://a'"),
];

test.each(GOOD)("parser and schema accept %s", (text) => {
  const result = parseConnections(text, "f", null, process.env);
  expect(result.ok ? [] : result.problems).toEqual([]);
  validate(parse(text));
  expect(validate.errors ?? []).toEqual([]);
});

test.each(BAD)("parser and schema refuse %s", (text) => {
  expect(parseConnections(text, "f", null, process.env).ok).toBe(false);
  expect(validate(parse(text))).toBe(false);
});

test("the parts of protocols are the files `schema.json` of their folders", () => {
  expect(schema).toEqual(composed(schema));
});

test("the schema has exactly the keys that the parser knows of each protocol, and of a machine's mapping", () => {
  const { $defs } = schema as {
    $defs: Record<string, { properties: object; required: readonly string[] } | undefined>;
  };
  for (const [name, { keys, required }] of PROTOCOLS) {
    expect(Object.keys($defs[name]?.properties ?? {}).toSorted()).toEqual(["protocol", "machines", ...keys].toSorted());
    expect($defs[name]?.required.toSorted()).toEqual(["protocol", "machines", ...required].toSorted());
  }
  expect(Object.keys($defs["mapping"]?.properties ?? {}).toSorted()).toEqual([...MAPPING_KEYS].toSorted());
});
