import { PacketType } from "socket.io-parser";
import { expect, test } from "vitest";
import { Encoded, LIVE_PARSER } from "./encoder.ts";

test("a message that is text already is written as socket.io writes the same message of objects", () => {
  const encoder = new LIVE_PARSER.Encoder();
  const message = { sequence: 1, elements: [{ scope: "berlin", name: 'a "b" ä\n' }] };
  const packet = (of: unknown) => ({ type: PacketType.EVENT, nsp: "/live", data: ["update", of] });
  const encoded = encoder.encode(packet(new Encoded(JSON.stringify(message))));
  expect(encoded).toEqual(encoder.encode(packet(message)));
});
