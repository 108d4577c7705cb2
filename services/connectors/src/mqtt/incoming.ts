/**
 * Hands over the messages of a broker in their order, all that have arrived meanwhile at once, so that they share one
 * write to disk. A message at QoS 1 is acknowledged when its events are on disk, on the connection on which it came;
 * the broker sends unacknowledged ones again, and those that were taken meanwhile are acknowledged and not taken twice.
 */
import type { IPublishPacket, MqttClient } from "mqtt";

/** While more messages than this wait, the client reads no further. */
const WAITING_MAX = 1_000;
/** Type and length of an acknowledgement, which then has the message's number; on version 5, too, that means success (5.0, section 3.4.2.1). */
const PUBACK = 0x4002;
const PUBACK_BYTES = 4;
/** The client reads on after this error and acknowledges nothing: we acknowledge when the events are on disk. One object for all messages, because a stack trace takes time. */
const LATER = new Error("it is acknowledged once it is safe");

interface Waiting {
  readonly packet: IPublishPacket;
  readonly stream: MqttClient["stream"];
}

export class Incoming {
  readonly #client: MqttClient;
  /** Resolves when all of them are safe; for ever pending once it is closed. */
  readonly #take: (packets: readonly IPublishPacket[]) => Promise<void>;
  #waiting: Waiting[] = [];
  /** Messages at QoS 1 that were taken and not acknowledged, by their number, which the broker gives to no other of the session until then. */
  readonly #unacknowledged = new Map<number, IPublishPacket>();
  #isTaking = false;
  /** The client's callback, by which it reads on; `null`: it is reading. */
  #held: (() => void) | null = null;

  /** Call it before the connection is up: messages of a kept session come at once, and would be acknowledged unread. */
  constructor(client: MqttClient, take: (packets: readonly IPublishPacket[]) => Promise<void>) {
    this.#client = client;
    this.#take = take;
    client.handleMessage = (packet, done) => this.#arrived(packet, done);
    // Numbers of a session that the broker did not keep are given anew.
    client.on("connect", ({ sessionPresent }) => {
      if (!sessionPresent) this.#unacknowledged.clear();
    });
  }

  #arrived(packet: IPublishPacket, done: (error?: Error) => void): void {
    this.#waiting.push({ packet, stream: this.#client.stream });
    const readOn = (): void => (packet.qos === 0 ? done() : done(LATER));
    if (this.#waiting.length < WAITING_MAX) readOn();
    else this.#held = readOn;
    if (!this.#isTaking) void this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true;
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      const readOn = this.#held;
      this.#held = null;
      readOn?.();
      await this.#take(taken.flatMap(({ packet }) => (this.#isNew(packet) ? [packet] : [])));
      this.#acknowledge(taken);
    }
    this.#isTaking = false;
  }

  /** Whether it is not a message again that was taken, and whose connection was lost before it was acknowledged. */
  #isNew(packet: IPublishPacket): boolean {
    const { qos, messageId, dup, topic, payload } = packet;
    if (qos !== 1 || messageId === undefined) return true;
    const before = this.#unacknowledged.get(messageId);
    this.#unacknowledged.set(messageId, packet);
    return !(dup && before?.topic === topic && Buffer.from(before.payload).equals(Buffer.from(payload)));
  }

  /** Acknowledges messages, all by one write to the network. */
  #acknowledge(taken: readonly Waiting[]): void {
    const { connected, stream } = this.#client;
    if (!connected) return;
    const bytes = Buffer.allocUnsafe(PUBACK_BYTES * taken.length);
    let end = 0;
    for (const { packet, stream: own } of taken) {
      const { qos, messageId } = packet;
      // On another connection the broker has given these numbers to other messages.
      if (qos !== 1 || messageId === undefined || own !== stream) continue;
      this.#unacknowledged.delete(messageId);
      bytes.writeUInt16BE(PUBACK, end);
      bytes.writeUInt16BE(messageId, end + 2);
      end += PUBACK_BYTES;
    }
    if (end > 0) stream.write(bytes.subarray(0, end));
  }
}
