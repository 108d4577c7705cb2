/** What the connections file says of a Modbus device and of a value in its registers or coils. */
import type { Encoding, Order } from "./registers.ts";

export interface ModbusSettings {
  readonly host: string;
  readonly port: number;
  readonly unit: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Registers, or coils, that are read along between two of signals. */
  readonly gap: number;
}

export const TABLES = ["holding", "input", "coil", "discrete"] as const;

export interface ModbusAddress {
  readonly table: (typeof TABLES)[number];
  /** As in the protocol, from 0. */
  readonly address: number;
  readonly encoding: Encoding;
  readonly order: Order;
}
