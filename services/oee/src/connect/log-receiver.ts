/**
 * Appends events of connectors straight to the log, Kafka's or the embedded one. With a plant they are checked before,
 * as a gateway checks them, and refused ones are logged; without a plant the worker checks them, and makes dead
 * letters of refused ones (DI-2). Delivery is at least once: an event that is sent twice is known by its id (CN-4).
 */
import type { Receiver, RefusedDelivery } from "@oee/connectors";
import type { AppendRecord, EventLog } from "@oee/event-log";
import { EventDecoder, isRefusal, type Plant } from "@oee/model";

export interface LogReceiverOptions {
  readonly log: Pick<EventLog, "append">;
  /** The name of the events' topic. */
  readonly topic: string;
  /** Of the plant in force; `null`: there is none at hand. */
  readonly decoder: () => EventDecoder | null;
  /** Epoch ms. */
  readonly clock: () => number;
}

export function logReceiver({ log, topic, decoder: decoderInForce, clock }: LogReceiverOptions): Receiver {
  return {
    async deliver(events) {
      const decoder = decoderInForce();
      const records: AppendRecord[] = [];
      const refused: RefusedDelivery[] = [];
      for (const json of events) {
        const value = Buffer.from(json);
        const decoded = decoder === null ? null : decoder.decode(value, 0, value.length, clock());
        if (decoded !== null && isRefusal(decoded)) {
          refused.push({ json, code: decoded.code, why: `${decoded.code}: ${decoded.detail}` });
        } else records.push({ key: machineOf(json), value });
      }
      if (records.length > 0) await log.append(topic, records);
      return refused;
    },
  };
}

function machineOf(json: string): string {
  return (JSON.parse(json) as { readonly machine: string }).machine;
}

/** The decoder of the plant in force, made anew where that has changed; `null` while there is no plant. */
export function decoderOf(
  plantInForce: () => Plant | null,
  limits: { readonly maxFutureMs: number; readonly maxPastMs: number },
): () => EventDecoder | null {
  let known: { readonly plant: Plant; readonly decoder: EventDecoder } | null = null;
  return () => {
    const plant = plantInForce();
    if (plant === null) return null;
    if (known?.plant !== plant) known = { plant, decoder: new EventDecoder(plant, limits) };
    return known.decoder;
  };
}
