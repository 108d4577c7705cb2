/**
 * Bounds how many bytes the bodies of all requests hold together, each from its first byte until it is answered. Where
 * a body would go beyond the bound, the largest body that is still being received is refused, so that many slow large
 * bodies cannot keep a small one out.
 */
import type { Readable } from "node:stream";
import { errorCodes } from "fastify";
import { HttpProblem } from "./problems.ts";

export class BodyBudget {
  readonly #bytesMax: number;
  readonly #held = new Set<Body>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Receives a body as pieces, at most `limit` bytes. They count until `release`, which may be called at any time and more than
   * once. `pieces` rejects with fastify's own error where the body is too large, and with an `HttpProblem` where it breaks off or
   * is refused to make room.
   */
  receive(payload: Readable, limit: number): { readonly pieces: Promise<Buffer[]>; readonly release: () => void } {
    const body = new Body();
    this.#held.add(body);
    const release = (): void => {
      if (this.#held.delete(body)) this.#bytes -= body.bytes;
    };
    const pieces = new Promise<Buffer[]>((resolve, reject) => {
      // The rest of a refused body is read and dropped: to end the stream would end the connection before the answer.
      const refuse = (error: Error): void => {
        body.refuse = null;
        release();
        body.pieces.length = 0;
        reject(error);
      };
      body.refuse = refuse;
      payload.on("data", (piece: Buffer) => {
        if (body.refuse === null) return;
        body.bytes += piece.length;
        this.#bytes += piece.length;
        if (body.bytes > limit) return refuse(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
        body.pieces.push(piece);
        if (this.#bytes > this.#bytesMax) this.#makeRoom(body);
      });
      payload.on("end", () => {
        body.refuse = null;
        resolve(body.pieces);
      });
      const breakOff = (error?: Error): void => {
        const detail = `the body broke off after ${body.bytes} bytes`;
        body.refuse?.(new HttpProblem("OEE_HTTP_INVALID_BODY", detail, {}, error));
      };
      payload.on("error", breakOff);
      payload.on("close", () => breakOff());
    });
    return { pieces, release };
  }

  #makeRoom(newcomer: Body): void {
    let largest = newcomer;
    for (const body of this.#held) if (body.refuse !== null && body.bytes > largest.bytes) largest = body;
    const detail = `bodies on their way hold ${this.#bytesMax} bytes already; try again in a moment`;
    largest.refuse?.(new HttpProblem("OEE_HTTP_BUSY", detail));
  }
}

class Body {
  bytes = 0;
  readonly pieces: Buffer[] = [];
  /** Refuses the body; `null` once it has been received. */
  refuse: ((error: Error) => void) | null = null;
}
