/** What socket.io writes packets with, here: as it always does, but that a message which is JSON text already is not made of objects anew. */
import { Decoder, Encoder, type Packet } from "socket.io-parser";

/** A message as JSON text. */
export class Encoded {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

class LiveEncoder extends Encoder {
  override encode(packet: Packet): ReturnType<Encoder["encode"]> {
    const { type, nsp, data } = packet;
    if (!Array.isArray(data) || !(data[1] instanceof Encoded)) return super.encode(packet);
    return [`${type}${nsp},[${JSON.stringify(data[0])},${data[1].json}]`];
  }
}

export const LIVE_PARSER: { readonly Encoder: typeof Encoder; readonly Decoder: typeof Decoder } = {
  Encoder: LiveEncoder,
  Decoder,
};
