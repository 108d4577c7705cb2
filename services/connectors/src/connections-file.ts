/**
 * The connections file (YAML): which peers there are, and how the events of machines are made of their signals. Checked as the
 * plant file is: every problem with its line and column, what was found and what was expected.
 */
import { readFileSync } from "node:fs";
import {
  ANY_TEXT,
  entriesOf,
  fieldsOf,
  optional,
  oneOf,
  type PlantProblem,
  Problems,
  readDocument,
  textOf,
  unexpected,
  type Value,
} from "@oee/model/settings-file";
import { machinesIn } from "./machines-in.ts";
import { countingSignals, type Mapping, MAPPING_KEYS, readMapping } from "./mapping/mapping.ts";
import type { Protocol, SettingsContext, Signal } from "./port.ts";
import { PROTOCOLS } from "./registry.ts";

export interface Connection {
  readonly name: string;
  /** All that the file says of it, with its secrets: the same text is the same connection. Not to be shown. */
  readonly said: string;
  readonly protocol: Protocol<unknown, unknown>;
  readonly settings: unknown;
  readonly signals: readonly Signal<unknown>[];
  readonly mappings: readonly Mapping[];
}

export type ConnectionsResult =
  | { readonly ok: true; readonly connections: readonly Connection[] }
  | { readonly ok: false; readonly problems: readonly PlantProblem[] };

/** What the file may name of a plant: its machines. `null` where no plant is at hand. */
export type MachineNames = ReadonlySet<string> | null;

/** `environment` and files are where secrets come from. */
export function parseConnections(
  text: string,
  file: string,
  machines: MachineNames,
  environment: Readonly<Record<string, string | undefined>>,
): ConnectionsResult {
  const problems = new Problems(file, text);
  const root = readDocument(text, problems);
  const context: SettingsContext = { problems, secretOf: (value) => secretOf(value, environment, problems) };
  const connections = root === null ? [] : readConnections(root, machines, context);
  return problems.none ? { ok: true, connections } : { ok: false, problems: problems.inOrder() };
}

function readConnections(root: Value, machines: MachineNames, context: SettingsContext): readonly Connection[] {
  const { problems } = context;
  const { connections } = fieldsOf(root, ["connections"], ["connections"], problems);
  if (connections === undefined) return [];
  const clients = new Map<string, string>();
  return entriesOf(connections, "connections by name", ANY_TEXT, problems).flatMap(({ key, value }) => {
    const connection = readConnection(key, value, machines, context);
    if (connection !== null) noteClient(key, value, connection.protocol.clientKey, clients, problems);
    return connection === null ? [] : [connection];
  });
}

/** A peer ends the connection of a client when another comes that says it is the same. `clients`: names of connections by peer and client. */
function noteClient(
  name: string,
  value: Value,
  clientKey: string | undefined,
  clients: Map<string, string>,
  problems: Problems,
): void {
  if (clientKey === undefined || value.kind !== "mapping") return;
  const [url, client] = ["url", clientKey].map((key) => value.entries.get(key)?.value);
  if (url?.kind !== "scalar" || client?.kind !== "scalar") return;
  const known = `${String(url.value)} ${String(client.value)}`;
  const other = clients.get(known);
  if (other === undefined) clients.set(known, name);
  else
    problems.add(
      client,
      `the client identifier "${String(client.value)}" again`,
      `another than that of ${other} at the same broker`,
    );
}

function readConnection(name: string, value: Value, machines: MachineNames, asked: SettingsContext): Connection | null {
  const { problems } = asked;
  const secrets: (string | null)[] = [];
  const context: SettingsContext = {
    problems,
    secretOf: (secret) => {
      const found = asked.secretOf(secret);
      secrets.push(found);
      return found;
    },
  };
  const field = value.kind === "mapping" ? value.entries.get("protocol")?.value : undefined;
  if (field === undefined) {
    problems.add(value, "no protocol", `the key protocol, one of ${[...PROTOCOLS.keys()].join(", ")}`);
    return null;
  }
  const named = oneOf(field, [...PROTOCOLS.keys()], problems);
  const protocol = named === null ? undefined : PROTOCOLS.get(named);
  if (protocol === undefined) return null;
  const keys = ["protocol", "machines", ...protocol.keys];
  const fields = fieldsOf<string>(value, keys, ["machines", ...protocol.required], problems);
  const settings = protocol.settingsOf(fields, context);
  const signals: Signal<unknown>[] = [];
  const mappings: Mapping[] = [];
  let lastPlace: unknown = null;
  for (const { machine, keyPlace, value: own } of fields["machines"] === undefined
    ? []
    : machinesIn(fields["machines"], machines, problems)) {
    // What is wrong with one machine of a form is wrong with all of them.
    if (!problems.none && mappings.length > 0 && keyPlace === lastPlace) continue;
    lastPlace = keyPlace;
    if (machines !== null && !machines.has(machine))
      problems.add(keyPlace, `the machine ${machine}`, "one of the plant");
    const parts = fieldsOf(own, ["signals", ...MAPPING_KEYS], ["signals"], problems);
    const addresses = new Map<string, unknown>();
    for (const { key, value: address } of parts.signals === undefined
      ? []
      : entriesOf(parts.signals, "signals by name", ANY_TEXT, problems)) {
      addresses.set(key, protocol.addressOf(address, context));
    }
    const mapping = readMapping(machine, parts, new Set(addresses.keys()), problems);
    const counting = countingSignals(mapping);
    mappings.push(mapping);
    for (const [signal, address] of addresses) {
      const counts = counting.get(signal) ?? null;
      const isNumber = counts !== null || [mapping.idealCycleSeconds, mapping.piecesPerCount].includes(signal);
      signals.push({ machine, signal, address, counts, isNumber });
    }
  }
  const said = JSON.stringify([plainOf(value), secrets, mappings.map(({ machine }) => machine)]);
  return { name, said, protocol, settings, signals, mappings };
}

function plainOf(value: Value): unknown {
  if (value.kind === "scalar") return value.value;
  if (value.kind === "list") return value.items.map(plainOf);
  return [...value.entries.values()].map(({ key, value: own }) => [key, plainOf(own)]);
}

/** A text, `{ env: NAME }`, or `{ file: PATH }` whose last line end is left out. */
function secretOf(
  value: Value,
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): string | null {
  if (value.kind !== "mapping") return textOf(value, "a text, { env: NAME } or { file: PATH }", problems);
  const { env, file } = fieldsOf(value, ["env", "file"], [], problems);
  if (env !== undefined && file !== undefined) {
    problems.add(value, "env and file", "one of them");
    return null;
  }
  if (env !== undefined) {
    const name = optional(env, (text) => textOf(text, "the name of an environment variable", problems));
    const found = name === null ? undefined : environment[name];
    return found ?? unexpected(env, "an environment variable that is set", problems);
  }
  const path = optional(file, (text) => textOf(text, "the path of a file", problems));
  if (file === undefined || path === null)
    return file === undefined ? unexpected(value, "env or file", problems) : null;
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch {
    return unexpected(file, "a file that can be read", problems);
  }
}
