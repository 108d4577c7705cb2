/**
 * Documents of MTConnect agents as JSON. Agents write two versions, with lists of objects of one key each and with lists by key: an
 * observation is found by what it has, wherever it stands.
 */
import type { AgentDocument, AgentObservation } from "./agent-document.ts";

type Json = null | boolean | number | string | readonly Json[] | JsonObject;

interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Observations in the document's order. Throws where it is no document of an agent. */
export function readJsonDocument(text: string): AgentDocument {
  const root = JSON.parse(text) as JsonObject;
  const body = root["MTConnectStreams"] ?? root["MTConnectError"];
  if (!isObject(body)) throw new Error(`expected MTConnectStreams, found ${Object.keys(root).join(", ").slice(0, 80)}`);
  const header = isObject(body["Header"]) ? body["Header"] : {};
  const observations: AgentObservation[] = [];
  const errors: string[] = [];
  collect(body, { device: null, element: "", isCondition: false }, observations, errors);
  return {
    instanceId: textOf(header["instanceId"]),
    nextSequence: Number(header["nextSequence"] ?? 0),
    lastSequence: Number(header["lastSequence"] ?? 0),
    observations,
    errorCode: root["MTConnectStreams"] === undefined ? (errors[0] ?? "") : null,
  };
}

/** The place of a value in a document. */
interface Within {
  readonly device: string | null;
  /** The key under which it stands; of an element of a list that of the list. */
  readonly element: string;
  /** Below a condition the element is its level. */
  readonly isCondition: boolean;
}

function collect(found: Json | undefined, within: Within, observations: AgentObservation[], errors: string[]): void {
  if (Array.isArray(found)) {
    for (const item of found as readonly Json[]) collect(item, within, observations, errors);
  }
  if (!isObject(found)) return;
  const { dataItemId, timestamp, errorCode } = found;
  const name = typeof found["name"] === "string" ? found["name"] : null;
  const { element, isCondition } = within;
  if (typeof errorCode === "string") errors.push(errorCode);
  if (typeof dataItemId === "string" && typeof timestamp === "string") {
    const sequence = Number(found["sequence"] ?? 0);
    const value = isCondition ? element : textOf(found["value"]);
    const alarm = isCondition ? textOf(found["conditionId"] ?? found["nativeCode"]) : null;
    observations.push({ device: within.device, element, dataItemId, name, timestamp, sequence, value, alarm });
    return;
  }
  const device = element === "DeviceStream" ? name : within.device;
  for (const [key, value] of Object.entries(found)) {
    collect(value, { device, element: key, isCondition: isCondition || key === "Condition" }, observations, errors);
  }
}

function isObject(found: Json | undefined): found is JsonObject {
  return typeof found === "object" && found !== null && !Array.isArray(found);
}

function textOf(found: Json | undefined): string {
  if (found === undefined || found === null) return "";
  return typeof found === "string" ? found : JSON.stringify(found);
}
