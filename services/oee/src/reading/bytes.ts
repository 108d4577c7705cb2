/**
 * The bytes of one input: a file, a pipe or standard input, compressed by gzip or zlib or not, UTF-16 as UTF-8. What stands before damage (a gzip
 * that ends early, a disk that fails) is delivered before the damage is thrown.
 */
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip, createInflate } from "node:zlib";
import { Failure, reasonOf } from "../failure.ts";

export const STANDARD_INPUT = "-";

const CHUNK_BYTES = 1 << 20;
/** One write inflates at once what it holds, a thousandfold at worst. */
const GZIP_PIECE_BYTES = 1 << 16;
/** Of a gzip with wrong bytes in it, up to so much before them is lost. */
const GZIP_CHUNK_BYTES = 1 << 15;

export type Chunks = AsyncIterable<Uint8Array>;

export interface Input {
  /** Each chunk is valid until the next is asked for. Throws `Failure` at damage. */
  readonly chunks: Chunks;
  /** The first bytes, 8 at least if there are as many, which tell the format. */
  readonly head: Uint8Array;
  /** For random access; `null` where there is none, as with pipes and compressed files. */
  readonly handle: FileHandle | null;
  close(): Promise<void>;
}

const HEAD_BYTES_MIN = 8;
const HEAD_BYTES_MAX = 4096;

/** `onBytes` hears how many bytes were read, before they are inflated. Throws `Failure`. */
export async function openInput(name: string, onBytes: (bytes: number) => void): Promise<Input> {
  if (name === STANDARD_INPUT) {
    const { head, chunks } = await uncompressed(counted(process.stdin, onBytes));
    return { head, chunks, handle: null, close: async () => {} };
  }
  const handle = await open(name, "r").catch((error: unknown) => {
    throw new Failure(`cannot be opened: ${reasonOf(error)}`, { cause: error });
  });
  const close = (): Promise<void> => handle.close();
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new Failure("found a directory, expected a file of events");
    const { head, chunks, compressed } = await uncompressed(counted(chunksOf(handle, stat.isFile()), onBytes));
    if (head.length === 0 && name.endsWith(".gz")) throw new Failure("found an empty file, expected gzip");
    return { head, chunks, handle: stat.isFile() && !compressed ? handle : null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** With `ahead` the next chunk is read while the one before is in use: of a file, not of a pipe, whose reads nothing may end. */
async function* chunksOf(handle: FileHandle, ahead: boolean): Chunks {
  const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  let turn: 0 | 1 = 0;
  const read = async (): Promise<Uint8Array> => {
    turn = turn === 0 ? 1 : 0;
    const { bytesRead, buffer } = await handle.read(buffers[turn], 0, CHUNK_BYTES, null);
    return buffer.subarray(0, bytesRead);
  };
  for (let reading = read(); ; ) {
    const chunk = await reading;
    if (chunk.length === 0) return;
    if (ahead) {
      reading = read();
      // Whoever stops asking for chunks does not hear that it failed.
      reading.catch(() => undefined);
    }
    yield chunk;
    if (!ahead) reading = read();
  }
}

async function* counted(chunks: Chunks, onBytes: (bytes: number) => void): Chunks {
  try {
    for await (const chunk of chunks) {
      onBytes(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw new Failure(`cannot be read further: ${reasonOf(error)}`, { cause: error });
  }
}

async function uncompressed(chunks: Chunks): Promise<Peeked & { readonly compressed: boolean }> {
  const peeked = await peek(chunks);
  const compression = compressionOf(peeked.head);
  const plain = compression === null ? peeked : await peek(inflated(peeked.chunks, compression));
  const encoding = utf16Of(plain.head);
  const text = encoding === null ? plain : await peek(asUtf8(plain.chunks, encoding));
  return { ...text, compressed: compression !== null || encoding !== null };
}

type Compression = "gzip" | "zlib";

function compressionOf([first = 0, second = 0]: Uint8Array): Compression | null {
  if (first === 0x1f && second === 0x8b) return "gzip";
  // Deflate with a window of up to 32 KiB; the two bytes are a multiple of 31 (RFC 1950).
  return first === 0x78 && (first * 256 + second) % 31 === 0 ? "zlib" : null;
}

/** What PowerShell and Excel write; with a byte order mark, or known by the zero beside the first character. */
function utf16Of([first = 1, second = 1]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? "utf-16be" : null;
}

async function* asUtf8(chunks: Chunks, encoding: string): Chunks {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const textOf = (chunk?: Uint8Array): Buffer => {
    try {
      return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
    } catch (error) {
      throw new Failure("found bytes that are not UTF-16, as the file begins", { cause: error });
    }
  };
  for await (const chunk of chunks) yield textOf(chunk);
  yield textOf();
}

/** Chunks for a reader that holds on to what it is given. */
export async function* copies(chunks: Chunks): Chunks {
  for await (const chunk of chunks) yield chunk.slice();
}

interface Peeked {
  readonly head: Uint8Array;
  readonly chunks: Chunks;
}

async function peek(chunks: Chunks): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < HEAD_BYTES_MIN) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return { head: head.slice(0, HEAD_BYTES_MAX), chunks: startingWith(head, iterator) };
}

async function* startingWith(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): Chunks {
  if (head.length > 0) yield head;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

/** Fed by hand: as a pipe, a stream that fails would throw away what it has ready. */
async function* inflated(chunks: Chunks, compression: Compression): Chunks {
  const create = compression === "gzip" ? createGunzip : createInflate;
  const gunzip = create({ chunkSize: GZIP_CHUNK_BYTES });
  let ready: Uint8Array[] = [];
  let damage: Error | null = null;
  gunzip.on("data", (chunk: Uint8Array) => ready.push(chunk));
  gunzip.on("error", (error) => (damage = error));
  // A file has any number of pieces: nothing of one stays with the stream.
  let pass = (): void => undefined;
  const closed = new Promise<void>((resolve) => gunzip.once("close", resolve));
  gunzip.once("close", () => pass());
  const take = (): Uint8Array[] => {
    const taken = ready;
    ready = [];
    return taken;
  };
  const damageFound = (): Error | null => damage;
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length && damageFound() === null; start += GZIP_PIECE_BYTES) {
        const piece = chunk.subarray(start, start + GZIP_PIECE_BYTES);
        await new Promise<void>((resolve) => {
          pass = resolve;
          gunzip.write(piece, () => resolve());
        });
        yield* take();
      }
    }
    // Lets go what is ready before the end is looked at.
    await new Promise((resolve) => setImmediate(resolve));
    if (damageFound() === null) gunzip.end();
    await closed;
    yield* take();
  } finally {
    gunzip.destroy();
  }
  const found = damageFound();
  if (found !== null) throw new Failure(`the ${compression} is damaged: ${found.message}`, { cause: found });
}
