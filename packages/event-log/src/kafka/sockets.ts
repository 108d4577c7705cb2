/**
 * Sockets for kafkajs that read into one piece of memory, for all of them: what they hand over is valid during the call
 * alone. With TLS each piece is a buffer of its own.
 */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";

const READ_BYTES = 256 * 1024;
const KEEP_ALIVE_AFTER_MS = 60_000;

let readInto: Buffer | null = null;

export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // Whatever kafkajs's types say: nothing, or `true`, where nothing is said of TLS but that there is any.
  const secure: unknown = ssl;
  const server = isIP(host) === 0 ? { servername: host } : {};
  const socket = secure
    ? connectTls({ host, port, ...server, ...ssl }, onConnect)
    : readingInPlace(host, port, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
  return socket;
};

function readingInPlace(host: string, port: number, onConnect: () => void): Socket {
  const buffer = (readInto ??= Buffer.allocUnsafeSlow(READ_BYTES));
  const callback = (length: number): boolean => {
    socket.emit("data", buffer.subarray(0, length));
    return true;
  };
  const socket: Socket = connect({ host, port, onread: { buffer, callback } }, onConnect);
  return socket;
}
