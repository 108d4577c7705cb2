import { expect, test } from "vitest";
import type { Signal } from "../port.ts";
import { blocksOf } from "./blocks.ts";
import type { ModbusAddress } from "./modbus.ts";

const at = (signal: string, table: ModbusAddress["table"], address: number, more = {}): Signal<ModbusAddress> => ({
  machine: "m",
  signal,
  address: { table, address, encoding: "uint16", order: "ABCD", ...more },
  counts: null,
});

const said = (signals: readonly Signal<ModbusAddress>[]): readonly unknown[] =>
  blocksOf(signals).map(({ table, address, count, signals: own }) => [
    table,
    address,
    count,
    own.map(({ signal }) => signal).join(""),
  ]);

test("registers or coils that follow one another are read by one request, others, and those of other tables, by their own", () => {
  const long = { encoding: "uint32" };
  const signals = [
    at("a", "holding", 12),
    at("b", "holding", 10, long),
    at("c", "coil", 3),
    at("d", "input", 12),
    at("e", "holding", 14),
    at("f", "coil", 4),
    at("g", "holding", 11),
    at("h", "coil", 6),
  ];
  expect(said(signals)).toEqual([
    ["holding", 10, 3, "abg"],
    ["coil", 3, 2, "cf"],
    ["input", 12, 1, "d"],
    ["holding", 14, 1, "e"],
    ["coil", 6, 1, "h"],
  ]);
});

test("a request reads at most 125 registers or 2,000 coils, and does not divide a number", () => {
  const registers = Array.from({ length: 63 }, (_, i) => at("r", "holding", 2 * i, { encoding: "uint32" }));
  const coils = Array.from({ length: 2_001 }, (_, i) => at("c", "coil", i));
  expect(blocksOf([...registers, ...coils]).map(({ address, count }) => [address, count])).toEqual([
    [0, 124],
    [124, 2],
    [0, 2_000],
    [2_000, 1],
  ]);
});
