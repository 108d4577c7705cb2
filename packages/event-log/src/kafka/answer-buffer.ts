/**
 * Puts the answers to fetches together in memory that is used again for the next answer of the same connection. V8 counts
 * buffers as part of its heap: if megabytes of them came and went, the collector would mark the whole heap again and again.
 * An answer is valid until the next fetch is sent.
 */

/** The insides of a connection of kafkajs that this needs. */
export interface Connection {
  readonly socket: object;
  readonly authHandlers: object | null;
  /** What was received of the next answer, and how much that is. */
  chunks: Buffer[];
  readonly bytesBuffered: number;
  /** By correlation id: what was asked and is not answered. */
  readonly requestQueue: { readonly inflight: ReadonlyMap<number, { readonly entry: { readonly apiKey: number } }> };
  processData(piece: Buffer): void;
}

/** The length of an answer, and the correlation id behind it. */
const LENGTH_BYTES = 4;
const HEAD_BYTES = 8;
/** More is not kept for the next answer. */
const KEPT_MAX = 16 * 1024 * 1024;

export class AnswerBuffer {
  readonly #apiKey: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** Length of the answer that is being received; 0: none is. */
  #length = 0;
  #filled = 0;

  /** `apiKey`: that of the requests whose answers are put together here. */
  constructor(apiKey: number) {
    this.#apiKey = apiKey;
  }

  /** Takes what a socket read, which is not kept; `process` gets whole answers, and copies of what it has to keep. */
  take(connection: Connection, piece: Buffer, process: (bytes: Buffer) => void): void {
    if (this.#length === 0) this.#begin(connection, piece);
    if (this.#length === 0) {
      process(Buffer.from(piece));
      return;
    }
    const part = Math.min(piece.length, this.#length - this.#filled);
    piece.copy(this.#bytes, this.#filled, 0, part);
    this.#filled += part;
    if (this.#filled < this.#length) return;
    const answer = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    // A rest of no bytes, which kafkajs would join with the answer to a copy of it.
    connection.chunks = [];
    process(answer);
    if (answer.length > KEPT_MAX) this.#bytes = Buffer.alloc(0);
    if (part < piece.length) this.take(connection, piece.subarray(part), process);
  }

  /** Notes the answer that begins with a piece, if it is one to be put together here, and more of it is to come. */
  #begin({ bytesBuffered, requestQueue }: Connection, piece: Buffer): void {
    if (bytesBuffered > 0 || piece.length < HEAD_BYTES) return;
    const length = LENGTH_BYTES + piece.readInt32BE(0);
    if (length <= piece.length) return;
    if (requestQueue.inflight.get(piece.readInt32BE(LENGTH_BYTES))?.entry.apiKey !== this.#apiKey) return;
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length + (length >> 2));
    this.#length = length;
    this.#filled = 0;
  }
}
