import { bytes, type Strange } from "../conformance.ts";

/** What local logs can hold beside batches of records that can be read. `cleanLater` cleans up when tombstones may go. */
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
