/** Fields of an answer of Kafka's protocol, one after the other; `compactBytes`, `unsigned` and `tags` are of its flexible versions. */
export class ProtocolReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  string(): string {
    return this.bytes(this.int16()).toString("utf8");
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes(1)[0] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** A text too; none and null are both empty. */
  compactBytes(): Buffer {
    return this.bytes(Math.max(0, this.unsigned() - 1));
  }

  /** Passes over fields that later versions added. */
  tags(): void {
    for (let count = this.unsigned(); count > 0; count -= 1) {
      this.unsigned();
      this.bytes(this.unsigned());
    }
  }

  bytes(length: number): Buffer {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
