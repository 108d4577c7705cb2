/** Sparkplug B payloads, byte by byte as a test wants them: with or without names, types and instants, and in whichever value field. */
import { deflateSync, gzipSync } from "node:zlib";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export interface EncodedMetric {
  readonly name?: string;
  readonly alias?: number;
  readonly timestamp?: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly quality?: number;
  /** Value fields by their name in the specification. */
  readonly int?: number | bigint;
  readonly long?: number | bigint;
  readonly double?: number;
  readonly boolean?: boolean;
  readonly string?: string;
  readonly bytes?: Uint8Array;
  readonly dataset?: {
    readonly columns: readonly string[];
    readonly types: readonly number[];
    readonly rows: readonly (readonly number[])[];
  };
}

export interface EncodedPayload {
  readonly timestamp?: number;
  readonly seq?: number;
  readonly metrics?: readonly EncodedMetric[];
}

export function encodePayload({ timestamp, seq, metrics = [] }: EncodedPayload): Buffer {
  const writer = new BinaryWriter();
  if (timestamp !== undefined) writer.tag(1, WireType.Varint).uint64(timestamp);
  for (const metric of metrics) writer.tag(2, WireType.LengthDelimited).bytes(encodeMetric(metric));
  if (seq !== undefined) writer.tag(3, WireType.Varint).uint64(seq);
  return Buffer.from(writer.finish());
}

/** The payload within another: the outer one has its sequence number. */
export function compressPayload(payload: EncodedPayload, algorithm: "GZIP" | "DEFLATE" | null): Buffer {
  const inner = encodePayload({ ...payload });
  const writer = new BinaryWriter();
  if (algorithm !== null) {
    const metric = encodeMetric({ name: "algorithm", datatype: 12, string: algorithm });
    writer.tag(2, WireType.LengthDelimited).bytes(metric);
  }
  if (payload.seq !== undefined) writer.tag(3, WireType.Varint).uint64(payload.seq);
  writer.tag(4, WireType.LengthDelimited).string("SPBV1.0_COMPRESSED");
  writer.tag(5, WireType.LengthDelimited).bytes(algorithm === "GZIP" ? gzipSync(inner) : deflateSync(inner));
  return Buffer.from(writer.finish());
}

function encodeMetric(metric: EncodedMetric): Uint8Array {
  const writer = new BinaryWriter();
  const { name, alias, timestamp, datatype, isHistorical, isNull, quality, dataset } = metric;
  if (name !== undefined) writer.tag(1, WireType.LengthDelimited).string(name);
  if (alias !== undefined) writer.tag(2, WireType.Varint).uint64(alias);
  if (timestamp !== undefined) writer.tag(3, WireType.Varint).uint64(timestamp);
  if (datatype !== undefined) writer.tag(4, WireType.Varint).uint32(datatype);
  if (isHistorical !== undefined) writer.tag(5, WireType.Varint).bool(isHistorical);
  if (isNull !== undefined) writer.tag(7, WireType.Varint).bool(isNull);
  if (quality !== undefined) {
    const property = new BinaryWriter().tag(1, WireType.Varint).uint32(3).tag(3, WireType.Varint).uint32(quality);
    writer.tag(9, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string("Quality");
    writer.tag(2, WireType.LengthDelimited).bytes(property.finish());
    writer.join();
  }
  if (metric.int !== undefined) writer.tag(10, WireType.Varint).uint64(metric.int);
  if (metric.long !== undefined) writer.tag(11, WireType.Varint).uint64(metric.long);
  if (metric.double !== undefined) writer.tag(13, WireType.Bit64).double(metric.double);
  if (metric.boolean !== undefined) writer.tag(14, WireType.Varint).bool(metric.boolean);
  if (metric.string !== undefined) writer.tag(15, WireType.LengthDelimited).string(metric.string);
  if (metric.bytes !== undefined) writer.tag(16, WireType.LengthDelimited).bytes(metric.bytes);
  if (dataset !== undefined) {
    writer.tag(17, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).uint64(dataset.columns.length);
    for (const column of dataset.columns) writer.tag(2, WireType.LengthDelimited).string(column);
    for (const type of dataset.types) writer.tag(3, WireType.Varint).uint32(type);
    for (const row of dataset.rows) {
      writer.tag(4, WireType.LengthDelimited).fork();
      for (const cell of row) {
        writer.tag(1, WireType.LengthDelimited).fork();
        writer.tag(1, WireType.Varint).uint32(cell);
        writer.join();
      }
      writer.join();
    }
    writer.join();
  }
  return writer.finish();
}
