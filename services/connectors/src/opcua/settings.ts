/** What the connections file says of an OPC UA server and of a node. */
import type { NodeName } from "./node-name.ts";

export const SECURITIES = ["none", "sign", "sign-and-encrypt"] as const;
export const POLICIES = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"] as const;
export const READS = ["subscribe", "poll"] as const;
export const TRIGGERS = ["value", "timestamp"] as const;
export const STAMPS = ["source", "server", "arrival"] as const;

export interface OpcUaSettings {
  readonly url: string;
  readonly security: (typeof SECURITIES)[number];
  readonly policy: (typeof POLICIES)[number];
  readonly user: OpcUaUser;
  readonly read: (typeof READS)[number];
  /** How often the server tells what changed, or is asked. */
  readonly everyMs: number;
  /** How long a lost connection may come back with what the server kept, before all is made anew. */
  readonly timeoutMs: number;
}

export type OpcUaUser =
  | { readonly kind: "anonymous" }
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** Both PEM. */
  | { readonly kind: "certificate"; readonly certificate: string; readonly key: string };

export interface OpcUaAddress {
  readonly node: NodeName;
  /** Field names and indexes within a structure or an array. */
  readonly path: readonly string[];
  /** `null`: as often as the server tells. */
  readonly samplingMs: number | null;
  /** `timestamp`: told with a new instant too, though the value is the same. */
  readonly trigger: (typeof TRIGGERS)[number];
  readonly at: (typeof STAMPS)[number];
}
