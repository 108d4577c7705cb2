/**
 * Puts signals into blocks, each read by one request: registers, or coils, with at most `gap` others between two of signals. A request
 * costs a device the same for one register as for many. A number of several registers lies in one block, since parts that are read
 * by two requests might belong to two values.
 */
import type { Signal } from "../port.ts";
import type { ModbusAddress } from "./settings.ts";
import { registersOf } from "./registers.ts";

type Own = Signal<ModbusAddress>;

export interface Block {
  readonly table: ModbusAddress["table"];
  /** As in the protocol, from 0. */
  readonly address: number;
  /** Registers or coils. */
  readonly count: number;
  /** In the order of the file. */
  readonly signals: readonly Own[];
}

/** What one request may ask for (Modbus Application Protocol 1.1b3, sections 6.1 to 6.4). */
const REGISTERS_MAX = 125;
const COILS_MAX = 2_000;

/** The blocks, in the order of their first signals in the file. `gap`: how many registers or coils without a signal may lie between two with one. */
export function blocksOf(signals: readonly Own[], gap: number): readonly Block[] {
  const place = new Map(signals.map((signal, i) => [signal, i]));
  const placeOf = (signal: Own): number => place.get(signal) ?? 0;
  const firstOf = ({ signals: own }: Block): number => Math.min(...own.map(placeOf));
  const blocks: Block[] = [];
  const sorted = signals.toSorted((a, b) => a.address.address - b.address.address || placeOf(a) - placeOf(b));
  for (const table of new Set(signals.map(({ address }) => address.table))) {
    let end = -1;
    for (const signal of sorted) {
      if (signal.address.table !== table) continue;
      const { address, count } = aloneOf(signal);
      const last = blocks.at(-1);
      const isNext = last !== undefined && last.table === table && address <= end + gap;
      const until = Math.max(end, address + count);
      if (isNext && until - last.address <= mostOf(table)) {
        blocks.splice(-1, 1, { ...last, count: until - last.address, signals: [...last.signals, signal] });
        end = until;
      } else {
        blocks.push(aloneOf(signal));
        end = address + count;
      }
    }
  }
  return blocks
    .map((block) => ({ ...block, signals: block.signals.toSorted((a, b) => placeOf(a) - placeOf(b)) }))
    .toSorted((a, b) => firstOf(a) - firstOf(b));
}

/** The smaller blocks in place of one that a device refuses: those without registers between signals, or, if it has none of these, one a signal. */
export function apartOf(block: Block): readonly Block[] {
  const dense = blocksOf(block.signals, 0);
  return dense.length > 1 ? dense : block.signals.map(aloneOf);
}

/** A block of one signal. */
export function aloneOf(signal: Own): Block {
  const { table, address, encoding } = signal.address;
  return { table, address, count: isOfRegisters(table) ? registersOf(encoding) : 1, signals: [signal] };
}

export function isOfRegisters(table: ModbusAddress["table"]): boolean {
  return table === "holding" || table === "input";
}

function mostOf(table: ModbusAddress["table"]): number {
  return isOfRegisters(table) ? REGISTERS_MAX : COILS_MAX;
}
