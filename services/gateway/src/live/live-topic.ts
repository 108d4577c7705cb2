/**
 * Reads live records from the topic `oee.live`, for a gateway that is a process of its own: first all that the topic holds,
 * then each new one. It reads while there is a listener; memory is bounded by the keys of the topic. A record that cannot be read is passed over.
 */
import type { EventLog, Follower, RecordBatch, Topics } from "@oee/event-log";
import { LIVE_RECORD, type LiveRecord, type LiveSource, TIMELINE_RECORD, type TimelineRecord } from "@oee/protocol";
import { Ajv } from "ajv";

type Listener = (record: LiveRecord | TimelineRecord) => void;

/** `show`: what is told of the machines that screens show; without it nobody is. */
export function followLiveTopic(log: EventLog, topics: Topics, show: LiveSource["show"] = () => undefined): LiveSource {
  const newest = new Map<string, LiveRecord | TimelineRecord>();
  /** With what is called for a record that is passed over. */
  const listeners = new Map<Listener, () => void>();
  let follower: Follower | null = null;

  const recordOf = reader();
  const onBatch = (batch: RecordBatch): void => {
    for (let i = 0; i < batch.length; i++) {
      const key = batch.keyAt(i)?.toString("utf8") ?? "";
      const value = batch.valueAt(i);
      const record = value === null ? null : recordOf(value);
      if (value === null) newest.delete(key);
      else if (record === null) for (const passedOver of listeners.values()) passedOver();
      if (record === null) continue;
      newest.set(key, record);
      for (const listener of listeners.keys()) listener(record);
    }
  };

  return {
    subscribe(listener, onPassedOver = () => undefined) {
      for (const record of newest.values()) listener(record);
      listeners.set(listener, onPassedOver);
      follower ??= log.followKeyed({ topic: topics.live.name, onBatch });
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        void follower?.close();
        follower = null;
        newest.clear();
      };
    },
    show,
  };
}

/**
 * Reads a record, once the schemas are compiled, which processes that do not read the topic spare. `null`: it is no record that is
 * whole. Anybody may have written to the topic, and one record must not stop the figures of others.
 */
function reader(): (value: Buffer) => LiveRecord | TimelineRecord | null {
  const ajv = new Ajv({ allowUnionTypes: true, strict: false, validateSchema: false });
  const isMachine = ajv.compile<LiveRecord>(LIVE_RECORD);
  const isTimeline = ajv.compile<TimelineRecord>(TIMELINE_RECORD);
  return (value) => {
    try {
      const record: unknown = JSON.parse(value.toString("utf8"));
      return isMachine(record) || isTimeline(record) ? record : null;
    } catch {
      return null;
    }
  };
}
