/**
 * Messages of a broker in their order, as many at once as have come meanwhile: each write to the disk takes all of them. One at QoS 1 is
 * acknowledged once what it says is safe, and on the connection on which it came: what was not acknowledged comes again.
 */
import type { IPublishPacket, MqttClient } from "mqtt";
import { generate } from "mqtt-packet";

/** Beyond so many the client reads no further. */
const WAITING_MAX = 1_000;
/** With an error the client reads on and acknowledges nothing: that comes later. Made once, for a stack trace takes time. */
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
  #isTaking = false;
  /** What lets the client read on. */
  #held: (() => void) | null = null;

  /** Call it before the connection is up: messages of a kept session come at once, and would be acknowledged unread. */
  constructor(client: MqttClient, take: (packets: readonly IPublishPacket[]) => Promise<void>) {
    this.#client = client;
    this.#take = take;
    client.handleMessage = (packet, done) => this.#arrived(packet, done);
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
      await this.#take(taken.map(({ packet }) => packet));
      this.#acknowledge(taken);
    }
    this.#isTaking = false;
  }

  /** All of them in one write to the network. */
  #acknowledge(taken: readonly Waiting[]): void {
    const { connected, stream, options } = this.#client;
    if (!connected) return;
    const { protocolVersion } = options;
    const acknowledged: Buffer[] = [];
    for (const { packet, stream: own } of taken) {
      const { qos, messageId } = packet;
      // Another connection gives the same numbers to other messages.
      if (qos !== 1 || messageId === undefined || own !== stream) continue;
      acknowledged.push(
        generate({ cmd: "puback", messageId }, protocolVersion === undefined ? {} : { protocolVersion }),
      );
    }
    if (acknowledged.length > 0) stream.write(Buffer.concat(acknowledged));
  }
}
