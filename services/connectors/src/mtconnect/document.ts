/** Documents of MTConnect agents (MTConnectStreams and MTConnectError, XML): their header, and the observations in them. */
import { SaxesParser } from "saxes";

export interface AgentDocument {
  /** Another one: the agent was started anew, and counts from the beginning. */
  readonly instanceId: string;
  /** Where to go on. */
  readonly nextSequence: number;
  readonly lastSequence: number;
  readonly observations: readonly AgentObservation[];
  /** Of an MTConnectError document; `null`: it is none. */
  readonly errorCode: string | null;
}

export interface AgentObservation {
  readonly dataItemId: string;
  readonly name: string | null;
  readonly timestamp: string;
  /** Of a condition its level: `Normal`, `Warning`, `Fault` or `Unavailable`. */
  readonly value: string;
}

/** Throws where it is no document of an agent. */
export function readDocument(text: string): AgentDocument {
  const parser = new SaxesParser({ xmlns: false });
  const header = new Map<string, string>();
  const observations: AgentObservation[] = [];
  let errorCode: string | null = null;
  let root: string | null = null;
  const open: string[] = [];
  let current: { id: string; name: string | null; timestamp: string; level: string | null; text: string } | null = null;
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const local = localOf(name);
    root ??= local;
    const parent = open.at(-1);
    open.push(local);
    if (local === "Header") for (const [key, value] of Object.entries(attributes)) header.set(key, value);
    if (local === "Error") errorCode ??= attributes["errorCode"] ?? "";
    const { dataItemId: id, timestamp, name: own = null } = attributes;
    if (id === undefined || timestamp === undefined) return;
    current = { id, name: own, timestamp, level: parent === "Condition" ? local : null, text: "" };
  });
  parser.on("text", (piece) => {
    if (current !== null) current.text += piece;
  });
  parser.on("closetag", () => {
    open.pop();
    if (current === null) return;
    const { id, name, timestamp, level, text: content } = current;
    observations.push({ dataItemId: id, name, timestamp, value: level ?? content.trim() });
    current = null;
  });
  parser.write(text).close();
  if (root !== "MTConnectStreams" && root !== "MTConnectError") {
    throw new Error(`expected MTConnectStreams, found ${String(root)}`);
  }
  const numberIn = (name: string): number => Number(header.get(name) ?? 0);
  return {
    instanceId: header.get("instanceId") ?? "",
    nextSequence: numberIn("nextSequence"),
    lastSequence: numberIn("lastSequence"),
    observations,
    errorCode,
  };
}

function localOf(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
