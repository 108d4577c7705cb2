import { bytes, type Strange } from "../conformance.ts";

/** Batches of local logs that cannot be read or hold no records. `cleanLater`: cleans up at a time when tombstones may go. */
export function strangeOf(
  damage: (change: (batch: Buffer) => void) => Promise<void>,
  cleanLater: () => Promise<void>,
): Readonly<Record<string, Strange>> {
  return {
    "that are nothing but zeros": {
      unreadable: ["format"],
      put: async (log, topic) => {
        await log.append(topic, [{ key: "k", value: bytes("1") }]);
        await damage((batch) => batch.fill(0));
      },
    },
    "compacted to nothing": {
      spec: { cleanup: "compact" },
      unreadable: [],
      put: async (log, topic) => {
        await log.append(topic, [{ key: "gone", value: bytes("1") }]);
        await log.append(topic, [{ key: "gone", value: null }]);
        await cleanLater();
      },
    },
  };
}
