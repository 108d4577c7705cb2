/**
 * Messages of the live channel as websocket frames: written once for all clients of a view, into memory that is used again when the
 * last of them has taken it. socket.io would make a text of each message, a packet of that, and bytes of the packet.
 */
import type { Socket } from "socket.io";
import { JsonBytes, jsonPiece } from "../json-bytes.ts";

/** engine.io's type of a message, before which a websocket has nothing but the frame's head. */
const MESSAGE = "4";
/** socket.io's type of an event. */
const EVENT = "2";
/** The longest head of a frame from a server: two bytes and a length of eight. */
const HEAD_BYTES_MAX = 10;
const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Memory that is kept for later messages: of so many, and of none that was longer. */
const KEPT_MAX = 32;
const KEPT_BYTES_MAX = 256 * 1024;

const END = jsonPiece("]");

/** What engine.io's socket takes besides what its types say: a frame that was made before. */
interface Connection {
  write(
    data: string,
    options: { readonly compress: boolean; wsPreEncodedFrame?: readonly Uint8Array[] },
    sent?: () => void,
  ): void;
}

export class Frame {
  readonly #free: (frame: Frame) => void;
  readonly json: JsonBytes = new JsonBytes(HEAD_BYTES_MAX);
  /** Clients that have not taken it, and its maker until it was sent to all. */
  #holders = 0;

  constructor(free: (frame: Frame) => void) {
    this.#free = free;
  }

  /** Begins a message: its JSON is to be written to `json`. */
  begin(namespace: string, event: string): JsonBytes {
    return this.json.clear().json(`${MESSAGE}${EVENT}${namespace},[${JSON.stringify(event)},`);
  }

  /** Ends the message and sends it to clients of its namespace. */
  send(sockets: Iterable<Socket>): void {
    this.json.piece(END);
    const frame = this.#framed();
    this.#holders = 1;
    const release = (): void => {
      if (--this.#holders === 0) this.#free(this);
    };
    const pre = { compress: false, wsPreEncodedFrame: [frame] };
    let text: string | null = null;
    for (const { conn } of sockets) {
      const connection = conn as unknown as Connection;
      if (conn.transport.name === "websocket") {
        this.#holders++;
        connection.write("", pre, release);
      } else {
        text ??= this.json.toString().slice(MESSAGE.length);
        connection.write(text, { compress: false });
      }
    }
    release();
  }

  /** The websocket frame (RFC 6455, 5.2), whose head is put before the message. */
  #framed(): Uint8Array {
    const { memory, at } = this.json;
    const length = at - HEAD_BYTES_MAX;
    let begin = HEAD_BYTES_MAX - 2;
    if (length < LENGTH_16) memory[begin + 1] = length;
    else if (length < 2 ** 16) {
      begin -= 2;
      memory[begin + 1] = LENGTH_16;
      memory.writeUInt16BE(length, begin + 2);
    } else {
      begin -= 8;
      memory[begin + 1] = LENGTH_64;
      memory.writeUInt32BE(Math.floor(length / 2 ** 32), begin + 2);
      memory.writeUInt32BE(length >>> 0, begin + 6);
    }
    memory[begin] = FINAL_TEXT;
    return memory.subarray(begin, at);
  }
}

/** Makes frames, and uses their memory again. */
export class Frames {
  readonly #kept: Frame[] = [];

  take(): Frame {
    return this.#kept.pop() ?? new Frame((frame) => this.giveBack(frame));
  }

  /** Of a frame that no client holds. */
  giveBack(frame: Frame): void {
    if (this.#kept.length < KEPT_MAX && frame.json.room <= KEPT_BYTES_MAX) this.#kept.push(frame);
  }
}
