/** The digital twin into the log, by the process's clock: as machines would, with the machine as the record's key. */
import { setTimeout as wait } from "node:timers/promises";
import type { EventLog, Topics } from "@oee/event-log";
import type { Plant } from "@oee/model";
import { LivePlant } from "@oee/simulator";
import type { Logger } from "pino";

const POLL_MS = 200;
const PAUSE_AFTER_FAILURE_MS = 1_000;

export interface SimulatorFeed {
  /** Resolves when simulated time first reached the clock: what was before it is in the log. Not when it is stopped before. */
  readonly caughtUp: Promise<void>;
  stop(): Promise<void>;
}

/** `from` may lie before the clock: the time between is caught up at once. */
export function startSimulator(
  plant: Plant,
  options: { readonly seed: string; readonly from: number; readonly clock: () => number },
  log: EventLog,
  topics: Topics,
  logger: Logger,
): SimulatorFeed {
  const stopping = new AbortController();
  const { clock, from } = options;
  const simulation = new LivePlant(plant, { seed: `${options.seed} ${from}`, from, startedAt: from });
  let reached: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { lines, behindMs } = simulation.poll(clock());
      const records = lines.map(({ machine, text }) => ({ key: machine, value: Buffer.from(text) }));
      while (records.length > 0 && !stopping.signal.aborted) {
        try {
          await log.append(topics.events.name, records);
          break;
        } catch (error) {
          logger.warn({ err: error }, "simulated events wait for the log");
          await wait(PAUSE_AFTER_FAILURE_MS);
        }
      }
      if (behindMs <= 0) reached();
      await wait(behindMs > 0 ? 0 : POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    caughtUp,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
