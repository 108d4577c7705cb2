/**
 * Documents of MTConnect agents (MTConnectStreams and MTConnectError, XML or JSON): their header, and the observations in them in the order in which
 * they were made, for a document has them by component.
 */
import { SaxesParser } from "saxes";
import type { AgentDocument, AgentObservation } from "./agent-document.ts";
import { readJsonDocument } from "./json-document.ts";

/** Throws where it is no document of an agent. */
export function readDocument(text: string): AgentDocument {
  const document = /^\s*\{/.test(text) ? readJsonDocument(text) : readXml(text);
  return { ...document, observations: document.observations.toSorted((a, b) => a.sequence - b.sequence) };
}

/** The document of an answer. Throws where it is none, with what was answered. */
export async function answeredDocument(response: Response): Promise<AgentDocument> {
  try {
    return readDocument(await response.text());
  } catch (cause) {
    const type = response.headers.get("content-type") ?? "no content type";
    throw new Error(
      `found an answer of status ${response.status} and ${type} that is no document of an MTConnect agent`,
      { cause },
    );
  }
}

function readXml(text: string): AgentDocument {
  const parser = new SaxesParser({ xmlns: false });
  const header = new Map<string, string>();
  const observations: AgentObservation[] = [];
  let errorCode: string | null = null;
  let root: string | null = null;
  let device: string | null = null;
  const open: string[] = [];
  let current: {
    readonly id: string;
    readonly element: string;
    readonly name: string | null;
    readonly timestamp: string;
    readonly sequence: number;
    readonly level: string | null;
    readonly alarm: string | null;
    text: string;
  } | null = null;
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const local = localOf(name);
    root ??= local;
    const parent = open.at(-1);
    open.push(local);
    if (local === "Header") for (const [key, value] of Object.entries(attributes)) header.set(key, value);
    if (local === "DeviceStream") device = attributes["name"] ?? null;
    if (local === "Error") errorCode ??= attributes["errorCode"] ?? "";
    const { dataItemId: id, timestamp, name: own = null, sequence = "0" } = attributes;
    if (id === undefined || timestamp === undefined) return;
    current = {
      id,
      element: local,
      name: own,
      timestamp,
      sequence: Number(sequence),
      level: parent === "Condition" ? local : null,
      alarm: parent === "Condition" ? (attributes["conditionId"] ?? attributes["nativeCode"] ?? "") : null,
      text: "",
    };
  });
  parser.on("text", (piece) => {
    if (current !== null) current.text += piece;
  });
  parser.on("closetag", () => {
    open.pop();
    if (current === null) return;
    const { id, element, name, timestamp, sequence, level, alarm, text: content } = current;
    const value = level ?? content.trim();
    observations.push({ device, element, dataItemId: id, name, timestamp, sequence, value, alarm });
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
