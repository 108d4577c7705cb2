/**
 * The Sparkplug B payload (Sparkplug 3.0, section 6), read from its protobuf by our own reader: a metric is decoded by itself, so that
 * one that is broken takes no other with it. Which of the value fields an encoder used is its choice; the number keeps all bits
 * that were sent, and `metric-value.ts` cuts it to its type.
 */
import { gunzipSync, inflateSync } from "node:zlib";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

export interface Payload {
  /** Epoch ms. */
  readonly timestamp: number | null;
  /** 0 to 255. */
  readonly seq: number | null;
  readonly metrics: readonly Metric[];
  /** Why metrics could not be read. */
  readonly broken: readonly string[];
}

export interface Metric {
  readonly name: string | null;
  readonly alias: Whole | null;
  /** Epoch ms. */
  readonly timestamp: number | null;
  readonly datatype: number;
  readonly isHistorical: boolean;
  readonly isNull: boolean;
  /** Of the property `Quality`; 192 is good. */
  readonly quality: number | null;
  readonly value: RawValue | null;
}

/** A number of up to 64 bits without a sign: a bigint where it has more than 49, for bigints take time. */
export type Whole = number | bigint;

export type RawValue =
  | { readonly kind: "whole"; readonly bits: Whole }
  | { readonly kind: "real"; readonly value: number }
  | { readonly kind: "truth"; readonly value: boolean }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "dataset"; readonly value: DataSet }
  | { readonly kind: "other" };

export interface DataSet {
  readonly columns: readonly string[];
  readonly types: readonly number[];
  readonly rows: readonly (readonly (RawValue | null)[])[];
}

const COMPRESSED = "SPBV1.0_COMPRESSED";
/** Seven bytes of a varint have 49 bits. */
const EXACT = 2 ** 49;
/** What a compressed payload may become. */
const INFLATED_BYTES_MAX = 16 * 1024 * 1024;

/** Throws where the bytes are no payload, or a compressed one cannot be opened. */
export function decodePayload(bytes: Uint8Array): Payload {
  const outer = decodePlain(bytes);
  if (outer.uuid !== COMPRESSED || outer.body === null) return outer;
  const algorithm = outer.metrics.find(({ name }) => name === "algorithm")?.value;
  const isGzip = algorithm?.kind === "text" && algorithm.value.toUpperCase() === "GZIP";
  const options = { maxOutputLength: INFLATED_BYTES_MAX };
  const inner = decodePlain(isGzip ? gunzipSync(outer.body, options) : inflateSync(outer.body, options));
  return {
    timestamp: inner.timestamp ?? outer.timestamp,
    seq: outer.seq ?? inner.seq,
    metrics: inner.metrics,
    broken: inner.broken,
  };
}

/** Reads whole numbers as numbers where they can be. */
class Reader extends BinaryReader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytes = bytes;
  }

  whole(): Whole {
    const start = this.pos;
    let whole = 0;
    for (let scale = 1; scale < EXACT; scale *= 128) {
      const byte = this.#bytes[this.pos++];
      if (byte === undefined) throw new RangeError("a number that has no end");
      whole += (byte & 127) * scale;
      if (byte < 128) return whole;
    }
    this.pos = start;
    return BigInt(this.uint64());
  }
}

interface Plain extends Payload {
  readonly uuid: string;
  readonly body: Uint8Array | null;
}

function decodePlain(bytes: Uint8Array): Plain {
  const reader = new Reader(bytes);
  let timestamp: number | null = null;
  let seq: number | null = null;
  let uuid = "";
  let body: Uint8Array | null = null;
  const metrics: Metric[] = [];
  const broken: string[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        timestamp = stampIn(reader);
        break;
      case 2: {
        const end = reader.uint32() + reader.pos;
        if (end > reader.len) throw new RangeError("a metric that is longer than its payload");
        try {
          metrics.push(metricIn(reader, end));
        } catch (error) {
          broken.push(`a metric that is no protobuf: ${error instanceof Error ? error.message : String(error)}`);
        }
        reader.pos = end;
        break;
      }
      case 3:
        seq = Number(reader.whole());
        break;
      case 4:
        uuid = reader.string();
        break;
      case 5:
        body = reader.bytes();
        break;
      default:
        reader.skip(wireType, field);
    }
  }
  return { timestamp, seq, metrics, broken, uuid, body };
}

/** The metric that ends there; read where it stands, for a reader of its own costs more than the metric. */
function metricIn(reader: Reader, end: number): Metric {
  let name: string | null = null;
  let alias: Whole | null = null;
  let timestamp: number | null = null;
  let datatype = 0;
  let isHistorical = false;
  let isNull = false;
  let quality: number | null = null;
  let value: RawValue | null = null;
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        name = reader.string();
        break;
      case 2:
        alias = reader.whole();
        break;
      case 3:
        timestamp = stampIn(reader);
        break;
      case 4:
        datatype = reader.uint32();
        break;
      case 5:
        isHistorical = reader.bool();
        break;
      case 7:
        isNull = reader.bool();
        break;
      case 9:
        quality = qualityIn(reader.bytes());
        break;
      case 17:
        value = { kind: "dataset", value: dataSetIn(reader.bytes()) };
        break;
      default:
        if (field >= 10 && field <= 16) value = scalarIn(reader, field - 9);
        else if (field === 18 || field === 19) {
          reader.skip(wireType, field);
          value = { kind: "other" };
        } else reader.skip(wireType, field);
    }
  }
  if (reader.pos !== end) throw new RangeError("a field that is longer than its metric");
  return { name, alias, timestamp, datatype, isHistorical, isNull, quality, value };
}

/** Epoch ms; 0 is what encoders of devices without a clock leave in the field. */
function stampIn(reader: Reader): number | null {
  return Number(reader.whole()) || null;
}

/** Value fields come in the same order in metrics, properties and cells: int, long, float, double, boolean, string, bytes. */
function scalarIn(reader: Reader, place: number): RawValue {
  switch (place) {
    case 1:
    case 2:
      // Encoders write negative numbers of 32 bits in ten bytes too.
      return { kind: "whole", bits: reader.whole() };
    case 3:
      return { kind: "real", value: reader.float() };
    case 4:
      return { kind: "real", value: reader.double() };
    case 5:
      return { kind: "truth", value: reader.bool() };
    case 6:
      return { kind: "text", value: reader.string() };
    default:
      return { kind: "bytes", value: reader.bytes() };
  }
}

function dataSetIn(bytes: Uint8Array): DataSet {
  const reader = new BinaryReader(bytes);
  const columns: string[] = [];
  const types: number[] = [];
  const rows: (RawValue | null)[][] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2) columns.push(reader.string());
    else if (field === 3 && wireType === WireType.LengthDelimited) {
      // Packed.
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) types.push(reader.uint32());
    } else if (field === 3) types.push(reader.uint32());
    else if (field === 4) rows.push(cellsIn(reader.bytes()));
    else reader.skip(wireType, field);
  }
  return { columns, types, rows };
}

function cellsIn(bytes: Uint8Array): (RawValue | null)[] {
  const reader = new BinaryReader(bytes);
  const cells: (RawValue | null)[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== 1) {
      reader.skip(wireType, field);
      continue;
    }
    const cell = new Reader(reader.bytes());
    let value: RawValue | null = null;
    while (cell.pos < cell.len) {
      const [place, type] = cell.tag();
      if (place >= 1 && place <= 6) value = scalarIn(cell, place);
      else cell.skip(type, place);
    }
    cells.push(value);
  }
  return cells;
}

/** Of a set of properties only their quality is of use: names and values stand in two lists, in the same order. */
function qualityIn(bytes: Uint8Array): number | null {
  const reader = new BinaryReader(bytes);
  const names: string[] = [];
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) names.push(reader.string());
    else if (field === 2) values.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  const found = values[names.indexOf("Quality")];
  if (found === undefined) return null;
  const property = new BinaryReader(found);
  while (property.pos < property.len) {
    const [field, wireType] = property.tag();
    if (field === 3 || field === 4) return Number(property.uint64());
    property.skip(wireType, field);
  }
  return null;
}
