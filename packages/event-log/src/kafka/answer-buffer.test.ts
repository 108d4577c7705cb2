import { describe, expect, test } from "vitest";
import { AnswerBuffer, type Connection } from "./answer-buffer.ts";

const FETCH = 1;
const METADATA = 3;

/** An answer as Kafka sends it: its length, the correlation id of its request, and a body. */
function answer(correlationId: number, body: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(correlationId, 4);
  return Buffer.concat([head, Buffer.from(body)]);
}

function connectionAsked(...apiKeys: readonly number[]): Connection {
  const inflight = new Map(apiKeys.map((apiKey, id) => [id, { entry: { apiKey } }]));
  return { socket: {}, authHandlers: null, chunks: [], bytesBuffered: 0, requestQueue: { inflight }, processData() {} };
}

/** What `AnswerBuffer` hands on of a stream that arrives in pieces of `pieceBytes`, all read into the same memory. */
function readIn(pieceBytes: number, stream: Buffer, connection: Connection): Buffer[] {
  const buffer = new AnswerBuffer(FETCH);
  const memory = Buffer.alloc(pieceBytes);
  const processed: Buffer[] = [];
  for (let at = 0; at < stream.length; at += pieceBytes) {
    const read = stream.copy(memory, 0, at, at + pieceBytes);
    buffer.take(connection, memory.subarray(0, read), (bytes) => processed.push(bytes));
  }
  return processed;
}

describe("answers to fetches", () => {
  test("are handed on whole, however the stream is cut, and so are answers after them", () => {
    const stream = Buffer.concat([answer(0, "first answer"), answer(1, "second"), answer(2, "a third one")]);
    for (let pieceBytes = 1; pieceBytes <= stream.length; pieceBytes++) {
      const processed = readIn(pieceBytes, stream, connectionAsked(FETCH, METADATA, FETCH));
      expect(Buffer.concat(processed).length, `pieces of ${pieceBytes}`).toBe(stream.length);
    }
    const [whole] = readIn(9, answer(0, "first answer"), connectionAsked(FETCH));
    expect(whole).toEqual(answer(0, "first answer"));
  });

  test("are received in the memory of the fetch answer before; other answers are copies, which later ones do not overwrite", () => {
    const stream = Buffer.concat([answer(0, "first answer"), answer(1, "second ones")]);
    const [first, second] = readIn(10, stream, connectionAsked(FETCH, FETCH));
    expect(first?.buffer).toBe(second?.buffer);
    const pieces = readIn(10, answer(0, "what is no fetch"), connectionAsked(METADATA));
    expect(Buffer.concat(pieces)).toEqual(answer(0, "what is no fetch"));
  });
});
