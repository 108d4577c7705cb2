/** The lines of `oee verify` about dead letters. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { LogError, topics } from "@oee/event-log";
import type { Machine, Plant } from "@oee/model";
import { loggerOf, openLog } from "./connections.ts";
import { countDeadLetters } from "./dead-letters.ts";
import type { CommonSettings } from "./settings.ts";

/** What was refused is in no number, stored or recomputed: both agree without it. */
export async function tellDeadLetters(
  settings: CommonSettings,
  plant: Plant,
  machines: readonly Machine[],
  span: { readonly from: number; readonly to: number },
): Promise<void> {
  const asked = new Set(machines.map(({ id }) => id));
  const concerns = (machine: string | null): boolean =>
    machine === null || asked.has(machine) || !plant.machineById.has(machine);
  const data = resolve(settings.data);
  // Opened to be looked at, an embedded log that is not there would be made.
  if (settings.kafka === undefined && (settings.clickhouse !== undefined || !existsSync(join(data, "log")))) {
    process.stderr.write("dead letters are not counted: --kafka, or --data, names the log that has them\n");
    return;
  }
  const log = await openLog(settings, data, loggerOf(settings), Date.now);
  try {
    const counts = await countDeadLetters(log, topics(settings.topicPrefix).deadLetters.name, span, concerns);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const by = [...counts].map(([error, count]) => `${count} ${error}`).join(", ");
    const what = total === 0 ? "" : ` (${by}): they are in no number; oee dead-letters lists them`;
    process.stderr.write(`${total} dead letters of this span${what}\n`);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    process.stderr.write(`dead letters are not counted: ${error.code}: ${error.message}\n`);
  } finally {
    await log.close();
  }
}
