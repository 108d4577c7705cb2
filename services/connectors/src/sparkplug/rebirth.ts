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
