/** A raw event as it is stored and read: where and when it came, and its bytes. */
import type { PlantEvent } from "@oee/model";

export interface EventRecord {
  readonly machine: string;
  readonly type: PlantEvent["type"];
  /** When it happened (epoch ms). */
  readonly at: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Place of the event in its record. */
  readonly index: number;
  /** When the log took it (epoch ms). */
  readonly receivedAt: number;
  readonly id: string | null;
  /** CN-4: its id had been seen, it counts for nothing. */
  readonly repeat: boolean;
  /** The event as received: one JSON object. */
  readonly raw: string;
}
