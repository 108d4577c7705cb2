/**
 * Lists what is published at an MQTT broker during a bounded time: each topic, the fields of its JSON, and of
 * Sparkplug messages the metrics that births name. It leaves no session, and publishes nothing unless it is told to ask for births.
 */
import { instantIn, MAX_FUTURE_MS_DEFAULT } from "@oee/model";
import { connect, type IPublishPacket } from "mqtt";
import type { Listed, Seen } from "../browse/seen.ts";
import { Edge, MESSAGE_TYPES } from "../sparkplug/edge.ts";
import { valueOf } from "../sparkplug/metric-value.ts";
import { decodePayload } from "../sparkplug/payload.ts";
import { commandTopic, NAMESPACE, rebirthCommand } from "../sparkplug/rebirth.ts";
import { type BrokerSettings, clientOptionsOf } from "./broker.ts";

const SIGNALS_MAX = 5_000;
const DEPTH_MAX = 5;
const TEXT_MAX = 200;
/** The last level of a topic that names what its message says, and not who says it. */
const SAYS_WHAT =
  /^(?:state|status|execution|mode|counts?|counter|good|scrap|rejects?|totals?|parts|pieces|zustand|betriebsart|gut|teile|ausschu(?:ss|ß)|z(?:ä|ae)hler)$/iu;
/** The field of a message that has its value. */
const VALUE_NAME = /^(?:v|val|value|wert)$/i;
/** The field of a message, or of an object in it, that has its instant. */
const TIME_NAME = /^(?:at|ts|t|time|zeit|zeitpunkt)$|time_?stamp$|zeit_?stempel$|date_?time$/i;
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Listens for so long. `rebirth`: Sparkplug nodes that tell data without a birth are asked for it, once. Rejected: the broker cannot be reached, or does not answer. */
export async function browseMqtt(settings: BrokerSettings, listenMs: number, rebirth: boolean): Promise<Listed> {
  const found = new Map<string, Seen>();
  let isWhole = true;
  const edges = new Map<string, Edge>();
  const asked = new Set<string>();
  const wants = (group: string, node: string): void => {
    const topic = commandTopic(group, node);
    if (rebirth && !asked.has(topic)) client.publish(topic, rebirthCommand(Date.now()), { qos: 0 });
    asked.add(topic);
  };
  const client = connect(settings.url, { ...clientOptionsOf(settings, true), clean: true, reconnectPeriod: 0 });
  client.on("message", (topic: string, payload: Buffer, { retain: _retain }: IPublishPacket) => {
    if (found.size >= SIGNALS_MAX) return void (isWhole = false);
    const seen = topic.startsWith(`${NAMESPACE}/`)
      ? sparkplugSeen(topic, payload, edges, wants)
      : topicSeen(topic, payload);
    for (const one of seen) {
      // The first message of a topic may lack the instant.
      const { at: _, ...place } = typeof one.address === "string" ? { place: one.address } : one.address;
      found.set(`${one.group}\n${one.name}\n${JSON.stringify(place)}`, one);
    }
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("error", reject);
      client.once("close", () => reject(new Error("it ended the connection")));
      client.once("connect", () => {
        client.subscribe("#", (error) => (error === null ? setTimeout(resolve, listenMs) : reject(error)));
      });
    });
  } finally {
    await client.endAsync(true);
  }
  return { seen: [...found.values()], isWhole };
}

function topicSeen(topic: string, payload: Buffer): readonly Seen[] {
  const text = payload.toString("utf8");
  const levels = topic.split("/");
  const group = levels.slice(0, -1).join("/");
  const last = levels.at(-1) ?? topic;
  const protocol = "mqtt";
  const document = documentIn(text);
  if (typeof document !== "object" || document === null) {
    const value = typeof document === "string" ? document.slice(0, TEXT_MAX) : (document as Seen["value"]);
    return [{ protocol, group, name: last, address: { topic }, value }];
  }
  // A topic with fields is a machine's as a whole, but for one such as hall/filler/status.
  const isOfParent = group !== "" && SAYS_WHAT.test(last);
  const leaves = leavesIn(document, [], 0);
  const times = leaves.flatMap(([path, value]) => {
    const at = TIME_NAME.test(path.at(-1) ?? "") ? instantPickedBy(path, value, Date.now()) : null;
    return at === null ? [] : [{ of: path.slice(0, -1), at }];
  });
  return leaves.map(([path, value]) => {
    // The nearest one: of its own object, else of one around it.
    const [time] = times
      .filter(({ of }) => of.length < path.length && of.every((name, i) => name === path[i]))
      .toSorted((a, b) => b.of.length - a.of.length);
    return {
      protocol,
      group: isOfParent ? group : topic,
      name: isOfParent && VALUE_NAME.test(path.at(-1) ?? "") ? last : path.join("."),
      address: { topic, value: expressionOf(path), ...(time === undefined ? {} : { at: time.at }) },
      value,
    };
  });
}

/** The expression that picks an instant: RFC 3339, or milliseconds or seconds since 1970; `null`: the value is none. */
function instantPickedBy(path: readonly string[], value: Seen["value"], now: number): string | null {
  // Of a clock that is further ahead the arrival says more.
  const isPast = (instant: number | null): boolean =>
    instant !== null && instant >= EARLIEST_MS && instant <= now + MAX_FUTURE_MS_DEFAULT;
  if (isPast(instantIn(value))) return expressionOf(path);
  return typeof value === "number" && isPast(value * 1000) ? `$floor(${expressionOf(path)} * 1000)` : null;
}

function expressionOf(path: readonly string[]): string {
  return path.map(jsonataName).join(".");
}

function documentIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function leavesIn(
  value: object,
  path: readonly string[],
  depth: number,
): readonly (readonly [string[], Seen["value"]])[] {
  if (depth > DEPTH_MAX || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const place = [...path, key];
    if (typeof inner === "object" && inner !== null) return leavesIn(inner, place, depth + 1);
    return [[place, inner as Seen["value"]] as const];
  });
}

function jsonataName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``;
}

function sparkplugSeen(
  topic: string,
  payload: Buffer,
  edges: Map<string, Edge>,
  wantsBirth: (group: string, node: string) => void,
): readonly Seen[] {
  const [, group = "", kind, node = "", device = ""] = topic.split("/");
  const type = MESSAGE_TYPES.find((known) => known === kind);
  if (type === undefined) return [];
  const name = `${group}/${node}`;
  const edge = edges.get(name) ?? new Edge();
  edges.set(name, edge);
  try {
    const { metrics, wants } = edge.take(type, device, decodePayload(payload));
    if (wants !== null) wantsBirth(group, node);
    return metrics.map(({ name: metric, datatype, metric: { value: raw } }) => {
      const found = raw === null ? { value: null } : valueOf(datatype, raw, { column: null, row: 0, index: null });
      const address = { group, node, ...(device === "" ? {} : { device }), metric };
      const value = "value" in found ? found.value : null;
      return { protocol: "sparkplug", group: device === "" ? name : `${name}/${device}`, name: metric, address, value };
    });
  } catch {
    return [];
  }
}
