/** What asks a Sparkplug edge node to publish its births again, which name its metrics. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** What all topics of Sparkplug B begin with. */
export const NAMESPACE = "spBv1.0";
const BOOLEAN = 11;

/** The topic of commands to an edge node. */
export function commandTopic(group: string, node: string): string {
  return `${NAMESPACE}/${group}/NCMD/${node}`;
}

/** An NCMD payload with `Node Control/Rebirth` true. `now`: epoch ms. */
export function rebirthCommand(now: number): Buffer {
  const metric = new BinaryWriter();
  metric.tag(1, WireType.LengthDelimited).string("Node Control/Rebirth");
  metric.tag(3, WireType.Varint).uint64(now);
  metric.tag(4, WireType.Varint).uint32(BOOLEAN);
  metric.tag(14, WireType.Varint).bool(true);
  const payload = new BinaryWriter();
  payload.tag(1, WireType.Varint).uint64(now);
  payload.tag(2, WireType.LengthDelimited).bytes(metric.finish());
  return Buffer.from(payload.finish());
}

const EVERY_MS = 60_000;

/** When an edge node is asked for its births: at most once a minute, and again until they come. Instants are monotonic ms. */
export class Rebirths {
  #why: string | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  /** Births are wanted: the first reason since the last ones stands. */
  want(why: string): void {
    this.#why ??= why;
  }

  /** The edge node was born. */
  born(): void {
    this.#why = null;
  }

  /** A new connection to the broker: what was asked for over the one before may be lost. */
  anew(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Why the edge node is asked now, from which on a minute passes until the next time; `null`: it is not asked. */
  due(now: number): string | null {
    if (this.#why === null || now - this.#askedAt < EVERY_MS) return null;
    this.#askedAt = now;
    return this.#why;
  }
}
