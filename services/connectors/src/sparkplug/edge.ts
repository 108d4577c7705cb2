/**
 * What a host application knows of one edge node: the metrics of its births by alias and by name, and its sequence
 * numbers. Pure: it gets messages and returns what follows from them.
 */
import type { Metric, Payload, Whole } from "./payload.ts";

export type MessageType = "NBIRTH" | "DBIRTH" | "NDATA" | "DDATA" | "NDEATH" | "DDEATH";

export const MESSAGE_TYPES: readonly MessageType[] = ["NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH"];

/** A metric, with the name and the type that its birth certificate gave it. */
export interface NamedMetric {
  readonly name: string;
  readonly datatype: number;
  readonly metric: Metric;
}

export interface Taken {
  readonly metrics: readonly NamedMetric[];
  /** The device that died, or `""` for the edge node with all of its devices; `null`: none did. */
  readonly died: string | null;
  /** Why values may have been lost before this message; `null`: none were. */
  readonly gap: string | null;
  /** Why the edge node has to be asked for new births; `null`: it has not. */
  readonly wants: string | null;
  /** How many metrics have an alias that no birth gave. */
  readonly unknown: number;
}

const SEQ_MODULUS = 256;
export const BD_SEQ = "bdSeq";
/** Births before the last one whose bdSeq is remembered. */
const EARLIER_BIRTHS = 8;
const NODE = "";

interface Born {
  readonly name: string;
  readonly device: string;
  readonly datatype: number;
}

export class Edge {
  #byAlias = new Map<Whole, Born>();
  /** Types of metrics by device and name. */
  #types = new Map<string, Map<string, number>>();
  /** Devices that were born, and the node as `""`. */
  readonly #alive = new Set<string>();
  /** Devices that tell data without a birth. */
  readonly #unborn = new Set<string>();
  #nextSeq: number | null = null;
  /** The bdSeq of births, the newest last, each once. */
  #births: readonly (bigint | null)[] = [];

  /** Drops all births, as after the loss of the connection to the broker. */
  forget(): void {
    this.#byAlias = new Map();
    this.#types = new Map();
    this.#alive.clear();
    this.#unborn.clear();
    this.#nextSeq = null;
  }

  get isAlive(): boolean {
    return this.#alive.has(NODE);
  }

  /** Whether the device was born, or told something at least, since its edge node was born or died. */
  isHeard(device: string): boolean {
    return this.#alive.has(device) || this.#unborn.has(device);
  }

  /** `device` is `""` in messages of the node itself. */
  take(type: MessageType, device: string, payload: Payload): Taken {
    switch (type) {
      case "NBIRTH":
        this.forget();
        this.#alive.add(NODE);
        this.#bornAs(bdSeqOf(payload));
        this.#nextSeq = ((payload.seq ?? 0) + 1) % SEQ_MODULUS;
        return { ...NOTHING, ...this.#born(NODE, payload) };
      case "NDEATH":
        return this.#nodeDied(payload);
      case "DBIRTH": {
        const order = this.#ordered(payload);
        // Its own birth is enough for a device, also where that of its edge node was missed.
        this.#alive.add(device);
        return { ...NOTHING, ...order, ...this.#born(device, payload) };
      }
      case "DDEATH": {
        const order = this.#ordered(payload);
        this.#alive.delete(device);
        this.#unborn.delete(device);
        return { ...NOTHING, ...order, died: device };
      }
      case "NDATA":
      case "DDATA": {
        const order = this.#ordered(payload);
        const found = this.#named(device, payload);
        const wants = this.#alive.has(device) ? order.wants : `${type} before a birth`;
        if (!this.#alive.has(device)) this.#unborn.add(device);
        return {
          ...NOTHING,
          ...order,
          ...found,
          wants: wants ?? (found.unknown > 0 ? "an alias that no birth told" : null),
        };
      }
    }
  }

  #bornAs(bdSeq: bigint | null): void {
    this.#births = [...this.#births.filter((other) => other !== bdSeq).slice(-EARLIER_BIRTHS), bdSeq];
  }

  /**
   * Passes over the death of an earlier connection, whose successor is born already: one with the bdSeq of an earlier birth. A bdSeq that
   * merely differs from the last birth's is not enough: mqtt-spb-wrapper 2.1.2 adds one for each device between will and birth,
   * pysparkplug 0.6.1 one before it says goodbye. A death passed over by mistake would leave a dead machine running.
   */
  #nodeDied(payload: Payload): Taken {
    const of = bdSeqOf(payload);
    if (of !== null && this.isAlive && this.#births.slice(0, -1).includes(of)) return NOTHING;
    this.forget();
    return { ...NOTHING, died: NODE };
  }

  #ordered({ seq }: Payload): { readonly gap: string | null; readonly wants: string | null } {
    if (seq === null) return { gap: null, wants: null };
    const expected = this.#nextSeq;
    this.#nextSeq = (seq + 1) % SEQ_MODULUS;
    if (expected === null || seq === expected) return { gap: null, wants: null };
    return { gap: `sequence number ${seq} came, and ${expected} was next`, wants: "a gap in the sequence" };
  }

  #born(device: string, { metrics }: Payload): Pick<Taken, "metrics"> {
    const named: NamedMetric[] = [];
    const types = this.#types.get(device) ?? new Map<string, number>();
    this.#types.set(device, types);
    for (const metric of metrics) {
      const { name, alias, datatype } = metric;
      if (name === null) continue;
      types.set(name, datatype);
      if (alias !== null) this.#byAlias.set(alias, { name, device, datatype });
      named.push({ name, datatype, metric });
    }
    return { metrics: named };
  }

  #named(device: string, { metrics }: Payload): Pick<Taken, "metrics" | "unknown"> {
    const named: NamedMetric[] = [];
    const types = this.#types.get(device);
    let unknown = 0;
    for (const metric of metrics) {
      const born = metric.alias === null ? undefined : this.#byAlias.get(metric.alias);
      const name = metric.name ?? (born?.device === device ? born.name : null);
      if (name === null) {
        unknown++;
        continue;
      }
      const datatype = metric.datatype || (types?.get(name) ?? 0);
      named.push({ name, datatype, metric });
    }
    return { metrics: named, unknown };
  }
}

const NOTHING: Taken = { metrics: [], died: null, gap: null, wants: null, unknown: 0 };

function bdSeqOf({ metrics }: Payload): bigint | null {
  const value = metrics.find(({ name }) => name === BD_SEQ)?.value;
  return value?.kind === "whole" ? BigInt(value.bits) : null;
}
