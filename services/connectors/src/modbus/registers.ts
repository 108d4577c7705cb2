/**
 * Numbers in registers of 16 bits. A device writes the bytes A (the most significant) to D of a number of 32 bits in one of
 * four orders; of 64 bits in the same way, by words.
 */
export const ENCODINGS = ["uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** `ABCD`: high word first, high byte first; `CDAB`: low word first; `BADC`: bytes swapped; `DCBA`: both. */
export const ORDERS = ["ABCD", "CDAB", "BADC", "DCBA"] as const;

export type Order = (typeof ORDERS)[number];

const REGISTERS: Readonly<Record<Encoding, number>> = {
  uint16: 1,
  int16: 1,
  uint32: 2,
  int32: 2,
  float32: 2,
  uint64: 4,
  int64: 4,
  float64: 4,
};

export function registersOf(encoding: Encoding): number {
  return REGISTERS[encoding];
}

export type Found = { readonly value: number } | { readonly why: string };

/** The number in bytes as they came, or why it is none: infinite, not a number, or one that no double holds exactly. */
export function valueOf(bytes: Buffer, encoding: Encoding, order: Order): Found {
  const value = numberIn(inOrder(bytes, order), encoding);
  const isUsable = encoding.startsWith("float") ? Number.isFinite(Number(value)) : Number.isSafeInteger(Number(value));
  if (isUsable) return { value: Number(value) };
  return { why: `found the number ${value}${typeof value === "bigint" ? ", beyond 2^53" : ""}` };
}

function numberIn(ordered: Buffer, encoding: Encoding): number | bigint {
  switch (encoding) {
    case "uint16":
      return ordered.readUInt16BE();
    case "int16":
      return ordered.readInt16BE();
    case "uint32":
      return ordered.readUInt32BE();
    case "int32":
      return ordered.readInt32BE();
    case "float32":
      return ordered.readFloatBE();
    case "float64":
      return ordered.readDoubleBE();
    case "uint64":
      return ordered.readBigUInt64BE();
    case "int64":
      return ordered.readBigInt64BE();
  }
}

function inOrder(bytes: Buffer, order: Order): Buffer {
  if (order === "ABCD") return bytes;
  const copy = Buffer.from(bytes);
  if (order === "BADC" || order === "DCBA") copy.swap16();
  if (order === "CDAB" || order === "DCBA") {
    const words: Buffer[] = [];
    for (let at = copy.length - 2; at >= 0; at -= 2) words.push(copy.subarray(at, at + 2));
    return Buffer.concat(words);
  }
  return copy;
}
