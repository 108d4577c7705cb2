/**
 * Sends the messages that are due about alerts (AL-4): each at least once to each of its receivers, with its key in
 * it, and records on the log which receiver took it. A message that cannot be delivered is tried again with growing
 * pauses, until it is too old.
 */
import { formatInstant, type Plant } from "@oee/model";
import { FailedTries } from "@oee/pacing";
import { isTooLate, type Message } from "@oee/review";
import type { Logger } from "pino";
import type { GatewayMetrics } from "../metrics.ts";
import type { Delivery, MessageLog, MessageRecord } from "./message-log.ts";
import { messageBody } from "./message-text.ts";
import type { KeeperOptions, Receiver } from "./options.ts";
import { send, shownAddress } from "./send.ts";

const TOGETHER = 8;
const AGAIN_AFTER = { firstDelayMs: 5_000, delayMsMax: 300_000 };

export class Courier {
  readonly #log: MessageLog;
  readonly #options: KeeperOptions;
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #metrics: GatewayMetrics;
  readonly #failed = new FailedTries(AGAIN_AFTER);

  constructor(log: MessageLog, options: KeeperOptions, clock: () => number, logger: Logger, metrics: GatewayMetrics) {
    this.#log = log;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** Whether at least one receiver got the message of a key. */
  wasSent(key: string): boolean {
    return (this.#log.of(key)?.deliveries.length ?? 0) > 0;
  }

  /** Sends the messages that are due, one after the other; `mayGoOn` says before each whether this process is still on duty. */
  async deliver(plant: Plant, messages: readonly Message[], mayGoOn: () => boolean): Promise<void> {
    const open = messages.filter(({ key }) => {
      const state = this.#log.of(key)?.state ?? "sending";
      return state === "sending" && this.#failed.mayTry(key, this.#clock());
    });
    for (let i = 0; i < open.length && mayGoOn(); i += TOGETHER) {
      await Promise.all(open.slice(i, i + TOGETHER).map((message) => this.#deliver(plant, message)));
    }
    this.#failed.keepOnly(new Set(messages.map(({ key }) => key)));
  }

  async #deliver(plant: Plant, message: Message): Promise<void> {
    const { key } = message;
    const known = this.#log.of(key);
    const before = known?.deliveries ?? [];
    if (isTooLate(message, this.#clock(), this.#options.tooLateMs)) {
      await this.#conclude(
        message,
        before,
        before.length > 0 ? "sent" : "not-sent",
        this.#failed.whyOf(key) ?? "too late",
      );
      return;
    }
    const { roles: addresses, mail, url } = this.#options.addresses();
    const receivers = message.roles.flatMap((role) =>
      (addresses.get(role) ?? []).map((receiver) => ({ role, receiver })),
    );
    if (receivers.length === 0) {
      await this.#conclude(message, before, "not-sent", `no address of ${message.roles.join(", ")}`);
      return;
    }
    const body = messageBody(plant, message, url);
    const deliveries = [...before];
    let why: string | null = null;
    for (const { role, receiver } of receivers) {
      if (deliveries.some((one) => isTo(one, role, receiver))) continue;
      try {
        await send(body, receiver, mail, this.#clock());
        deliveries.push({
          role,
          by: receiver.by,
          to: shownAddress(receiver),
          at: formatInstant(this.#clock()),
        });
        this.#metrics.alertMessages.inc({ by: receiver.by, outcome: "sent" });
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
        this.#metrics.alertMessages.inc({ by: receiver.by, outcome: "failed" });
        this.#logger.warn({ code: "OEE_ALERT_NOT_DELIVERED", key, by: receiver.by, why }, "an alert was not delivered");
      }
    }
    if (why === null) {
      await this.#conclude(message, deliveries, "sent", null);
      return;
    }
    this.#failed.failed(key, this.#clock(), why);
    // Recorded at once, so that a receiver that has the message does not get it again after a restart.
    if (deliveries.length > before.length) await this.#conclude(message, deliveries, "sending", why);
  }

  async #conclude(
    { key, kind, step, alert, roles }: Message,
    deliveries: readonly Delivery[],
    state: MessageRecord["state"],
    why: string | null,
  ): Promise<void> {
    const at = formatInstant(this.#clock());
    const due = formatInstant(step.at);
    const { ticket } = alert;
    await this.#log.record({ key, ticket, step: step.number, kind, state, roles, due, at, deliveries, why });
    if (state !== "sending") this.#failed.done(key);
    if (state === "not-sent") this.#metrics.alertsNotSent.inc();
  }
}

function isTo(delivery: Delivery, role: string, receiver: Receiver): boolean {
  return delivery.role === role && delivery.by === receiver.by && delivery.to === shownAddress(receiver);
}
