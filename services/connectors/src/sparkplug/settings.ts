/** What the connections file says of a broker with Sparkplug's edge nodes, and of a metric. */
import type { BrokerSettings } from "../mqtt/broker.ts";
import type { Part } from "./metric-value.ts";

export interface SparkplugSettings extends BrokerSettings {
  /** The name under which we say whether we are there (`spBv1.0/STATE/…`). */
  readonly hostId: string;
}

export interface SparkplugAddress {
  readonly group: string;
  readonly node: string;
  /** `""`: the node itself. */
  readonly device: string;
  /** Names of the metric: some edge nodes give one in births, and another in data. */
  readonly names: readonly string[];
  readonly part: Part;
}
