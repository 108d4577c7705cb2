/** What the connections file says of an MTConnect agent. */

export const FORMATS = ["xml", "json"] as const;

export interface MtconnectSettings {
  /** With a `/` at its end; a device's path may follow the agent's address. */
  readonly url: string;
  readonly format: (typeof FORMATS)[number];
  readonly everyMs: number;
  readonly heartbeatMs: number;
}
