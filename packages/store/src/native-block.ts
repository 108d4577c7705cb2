/**
 * What is inserted in one go, in ClickHouse's Native format, in pieces: most are memory of this block, which the next insert uses
 * again, others are columns as their owner has them. New memory for each insert would have V8 mark its heap every 64 MB.
 */

/** More than this is given back after an insert. */
const KEPT_MAX = 32 * 1024 * 1024;
const FIRST_BYTES = 16 * 1024;
/** Where less than an eighth was used, half of it is given back. */
const USED_AT_LEAST = 1 / 8;
/** Numbers of 64 bits begin at multiples of it. */
const ALIGNED = 8;

export class NativeBlock {
  #memory: Buffer = Buffer.alloc(0);
  /** Bytes of the memory that are taken. */
  #taken = 0;
  /** Bytes that were taken of memory that was too small. */
  #takenBefore = 0;
  #pieces: Uint8Array[] = [];

  /** In the order in which they were added. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** Memory for the caller to fill, and to add as soon as what comes before it is; it holds anything. */
  take(bytes: number): Buffer {
    const from = Math.ceil(this.#taken / ALIGNED) * ALIGNED;
    if (from + bytes > this.#memory.length) {
      this.#takenBefore += from;
      // So much that the like of it fits the next time.
      const all = Math.max(FIRST_BYTES, this.#takenBefore + bytes);
      this.#memory = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(all)));
      this.#taken = bytes;
      return this.#memory.subarray(0, bytes);
    }
    this.#taken = from + bytes;
    return this.#memory.subarray(from, from + bytes);
  }

  add(piece: Uint8Array): void {
    if (piece.length > 0) this.#pieces.push(piece);
  }

  /** Forgets all pieces, whose memory is used again. Call it when nothing reads them any more. */
  clear(): void {
    const used = this.#takenBefore + this.#taken;
    const size = this.#memory.length;
    this.#pieces = [];
    this.#taken = 0;
    this.#takenBefore = 0;
    if (size > KEPT_MAX) this.#memory = Buffer.alloc(0);
    else if (used < size * USED_AT_LEAST && size > FIRST_BYTES) this.#memory = Buffer.allocUnsafeSlow(size >> 1);
  }

  /** Forgets all pieces and their memory, which someone may still read. */
  drop(): void {
    this.#memory = Buffer.alloc(0);
    this.clear();
  }
}
