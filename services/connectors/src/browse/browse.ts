/**
 * Lists what a peer offers (variables of an OPC UA server, data items of an MTConnect agent, topics of an MQTT
 * broker), by the scheme of its address.
 */
import type { BrokerSettings } from "../mqtt/broker.ts";
import type { OpcUaSettings } from "../opcua/settings.ts";
import { certificatesFolder } from "../opcua/trust.ts";
import type { Listed } from "./seen.ts";

export interface BrowseOptions {
  readonly username: string | null;
  readonly password: string | null;
  readonly security: OpcUaSettings["security"];
  /** The folder of the connector, whose certificates are used. */
  readonly data: string;
  /** How long a broker is listened to. */
  readonly listenMs: number;
  /** Whether Sparkplug nodes are asked for their births. */
  readonly rebirth: boolean;
}

const TIMEOUT_MS = 30_000;

/** `null`: peers of such an address cannot be listed. Rejects where the peer cannot be reached, or refuses us. */
export async function browse(address: URL, options: BrowseOptions): Promise<Listed | null> {
  const { username, password, security, data, listenMs, rebirth } = options;
  if (address.protocol === "opc.tcp:") {
    const user: OpcUaSettings["user"] =
      username === null ? { kind: "anonymous" } : { kind: "password", username, password: password ?? "" };
    const { browseOpcUa } = await import("../opcua/browse.ts");
    const settings: OpcUaSettings = {
      url: address.href,
      security,
      policy: "Basic256Sha256",
      user,
      read: "subscribe",
      everyMs: 1_000,
      timeoutMs: TIMEOUT_MS,
    };
    return await browseOpcUa(settings, certificatesFolder(data));
  }
  if (/^https?:$/.test(address.protocol)) {
    const { browseMtconnect } = await import("../mtconnect/browse.ts");
    return await browseMtconnect(address.href);
  }
  if (!/^(?:mqtts?|wss?):$/.test(address.protocol)) return null;
  const { browseMqtt } = await import("../mqtt/browse.ts");
  const settings: BrokerSettings = { url: address.href, clientId: "oee-browse", version: 5, username, password };
  return await browseMqtt(settings, listenMs, rebirth);
}
