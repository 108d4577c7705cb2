import { expect, test } from "vitest";
import type { Signal } from "../port.ts";
import { apartOf, blocksOf } from "./blocks.ts";
import type { ModbusAddress } from "./settings.ts";

const at = (signal: string, table: ModbusAddress["table"], address: number, more = {}): Signal<ModbusAddress> => ({
  machine: "m",
  signal,
  address: { table, address, encoding: "uint16", order: "ABCD", ...more },
  counts: null,
  isNumber: false,
});

const said = (signals: readonly Signal<ModbusAddress>[], gap = 0): readonly unknown[] =>
  blocksOf(signals, gap).map(({ table, address, count, signals: own }) => [
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
  expect(blocksOf([...registers, ...coils], 0).map(({ address, count }) => [address, count])).toEqual([
    [0, 124],
    [124, 2],
    [0, 2_000],
    [2_000, 1],
  ]);
});

test("registers with no more than `gap` others between them are read by one request, within its bound; refused, by those that follow one another, then one by one", () => {
  const signals = [at("a", "holding", 10), at("b", "holding", 11), at("c", "holding", 14), at("d", "holding", 18)];
  expect(said(signals, 2)).toEqual([
    ["holding", 10, 5, "abc"],
    ["holding", 18, 1, "d"],
  ]);
  const [block] = blocksOf(signals, 3);
  if (block === undefined) throw new Error("no block");
  expect([block.count, apartOf(block).map(({ address, count }) => [address, count])]).toEqual([
    9,
    [
      [10, 2],
      [14, 1],
      [18, 1],
    ],
  ]);
  const [dense] = apartOf(block);
  if (dense === undefined) throw new Error("no block");
  expect(apartOf(dense).map(({ address, count }) => [address, count])).toEqual([
    [10, 1],
    [11, 1],
  ]);
  const far = Array.from({ length: 13 }, (_, i) => at("r", "holding", 11 * i));
  expect(blocksOf(far, 10).map(({ address, count }) => [address, count])).toEqual([
    [0, 122],
    [132, 1],
  ]);
});
