/** OPC UA: how a server and its nodes are written in the connections file. */
import { durationMsIn, fieldsOf, oneOf, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import type { Protocol, SettingsContext } from "../port.ts";
import { type NodeName, parseNodeName } from "./node-name.ts";
import { OpcUaSource } from "./opcua-source.ts";
import {
  type OpcUaAddress,
  type OpcUaSettings,
  type OpcUaUser,
  POLICIES,
  READS,
  SECURITIES,
  STAMPS,
  TRIGGERS,
} from "./settings.ts";

const EVERY_MS = 1_000;
const TIMEOUT_MS = 30_000;
const TIMEOUT_MS_MIN = 1_000;

export const opcua: Protocol<OpcUaSettings, OpcUaAddress> = {
  name: "opcua",
  keys: ["url", "security", "policy", "username", "password", "certificate", "key", "read", "every", "timeout"],
  required: ["url"],
  settingsOf(fields, context) {
    const { problems } = context;
    const url = optional(fields["url"], (value) => urlIn(value, context));
    const user = userIn(fields, context);
    const lasting = (name: string, otherwise: number): number =>
      optional(fields[name], (value) => durationMsIn(value, "a duration such as 1s", problems)) ?? otherwise;
    const settings = {
      security: optional(fields["security"], (value) => oneOf(value, SECURITIES, problems)) ?? "sign-and-encrypt",
      policy: optional(fields["policy"], (value) => oneOf(value, POLICIES, problems)) ?? "Basic256Sha256",
      read: optional(fields["read"], (value) => oneOf(value, READS, problems)) ?? "subscribe",
      everyMs: Math.max(1, lasting("every", EVERY_MS)),
      timeoutMs: Math.max(TIMEOUT_MS_MIN, lasting("timeout", TIMEOUT_MS)),
    };
    return url === null || user === null ? null : { url, user, ...settings };
  },
  addressOf: (value, context) => addressIn(value, context),
  open: (settings, signals, host) => new OpcUaSource(settings, signals, host),
};

const URL_FORM = "an address such as opc.tcp://machine:4840";

function urlIn(value: Value, { problems }: SettingsContext): string | null {
  const url = textOf(value, URL_FORM, problems);
  const isKnown = url !== null && URL.canParse(url) && new URL(url).protocol === "opc.tcp:";
  return url === null || isKnown ? url : unexpected(value, URL_FORM, problems);
}

function userIn(fields: Readonly<Partial<Record<string, Value>>>, context: SettingsContext): OpcUaUser | null {
  const { problems } = context;
  const together = (one: string, other: string): readonly [string, string] | null | undefined => {
    const [first, second] = [fields[one], fields[other]];
    if (first === undefined && second === undefined) return undefined;
    if (first === undefined || second === undefined) {
      const [is, missing] = first === undefined ? [other, one] : [one, other];
      problems.add(first ?? (second as Value), is, `${is} and ${missing}`);
      return null;
    }
    const texts = [context.secretOf(first), context.secretOf(second)] as const;
    return texts[0] === null || texts[1] === null ? null : [texts[0], texts[1]];
  };
  const password = together("username", "password");
  const certificate = together("certificate", "key");
  if (password === null || certificate === null) return null;
  if (password !== undefined && certificate !== undefined) {
    const place = fields["certificate"];
    if (place !== undefined) problems.add(place, "username and certificate", "one of them");
    return null;
  }
  if (password !== undefined) return { kind: "password", username: password[0], password: password[1] };
  if (certificate !== undefined) return { kind: "certificate", certificate: certificate[0], key: certificate[1] };
  return { kind: "anonymous" };
}

function addressIn(value: Value, { problems }: SettingsContext): OpcUaAddress | null {
  const nodeIn = (text: Value): NodeName | null => {
    const expected = "a node such as nsu=http://example.org/press;s=State, by its namespace's URI";
    const name = textOf(text, expected, problems);
    return name === null ? null : (parseNodeName(name) ?? unexpected(text, expected, problems));
  };
  if (value.kind === "scalar") {
    const node = nodeIn(value);
    return node === null ? null : { node, path: [], samplingMs: null, trigger: "value", at: "source" };
  }
  const fields = fieldsOf(value, ["node", "field", "sampling", "trigger", "at"], ["node"], problems);
  const node = optional(fields.node, nodeIn);
  const path = optional(fields.field, (text) => textOf(text, "a path such as Current.Count or 0.AccCount", problems));
  const samplingMs = optional(fields.sampling, (text) => durationMsIn(text, "a duration such as 250ms", problems));
  const trigger = optional(fields.trigger, (word) => oneOf(word, TRIGGERS, problems)) ?? "value";
  const at = optional(fields.at, (word) => oneOf(word, STAMPS, problems)) ?? "source";
  return node === null ? null : { node, path: path?.split(".") ?? [], samplingMs, trigger, at };
}
