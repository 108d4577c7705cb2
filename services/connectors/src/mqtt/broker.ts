/** How an MQTT broker is written in the connections file, for every protocol that goes over one. */
import { type Fields, oneOf, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import type { IClientOptions } from "mqtt";
import type { SettingsContext } from "../port.ts";

export interface BrokerSettings {
  readonly url: string;
  readonly clientId: string;
  readonly version: 4 | 5;
  readonly username: string | null;
  readonly password: string | null;
}

export const BROKER_KEYS = ["url", "clientId", "version", "username", "password"] as const;
export const BROKER_REQUIRED = ["url", "clientId"] as const;
export const BROKER_CLIENT_KEY = "clientId";

const URL_FORM = "an address such as mqtt://broker:1883";
const KEEP_ALIVE_SECONDS = 30;
const RECONNECT_MS = 1_000;

/** `null` where a problem was said. */
export function brokerIn(fields: Fields<string>, context: SettingsContext): BrokerSettings | null {
  const { problems } = context;
  const url = optional(fields["url"], (value) => urlIn(value, context));
  const clientId = optional(fields["clientId"], (value) => textOf(value, "a client identifier", problems));
  const version = optional(fields["version"], (value) => oneOf(value, ["3.1.1", "5"], problems));
  const username = optional(fields["username"], (value) => context.secretOf(value));
  const password = optional(fields["password"], (value) => context.secretOf(value));
  if (url === null || clientId === null) return null;
  return { url, clientId, version: version === "3.1.1" ? 4 : 5, username, password };
}

function urlIn(value: Value, { problems }: SettingsContext): string | null {
  const url = textOf(value, URL_FORM, problems);
  const isKnown = url !== null && URL.canParse(url) && /^(?:mqtts?|wss?):$/.test(new URL(url).protocol);
  return url === null || isKnown ? url : unexpected(value, URL_FORM, problems);
}

/** `dry`: under another client id, so that a connector that runs with this one stays connected, and its session untouched. */
export function clientOptionsOf(
  { clientId, version, username, password }: BrokerSettings,
  dry: boolean,
): IClientOptions {
  return {
    clientId: dry ? `${clientId}-dry-${process.pid}` : clientId,
    protocolVersion: version,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    keepalive: KEEP_ALIVE_SECONDS,
    reconnectPeriod: RECONNECT_MS,
    resubscribe: false,
  };
}
