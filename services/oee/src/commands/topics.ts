/**
 * `oee topics`: how many partitions the topics have and over how many of them machines are dealt. With `--to` it gives them
 * more, all together, while no worker runs, and says so in the audit.
 */
import { allTopics, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { systemScheduler } from "@oee/pacing";
import { dealAnew } from "@oee/worker";
import { countedEvents, dealtOver } from "@oee/worker/layout";
import { WORKER_DEFAULTS } from "@oee/worker/settings";
import { type Command, Option } from "commander";
import { Failure, UsageError } from "../failure.ts";
import { withAuditedLog } from "../live/audited-command.ts";
import { bridgeTo, loggerOf } from "../live/connections.ts";
import { kafkaClientOf } from "../live/servers.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";
import { wholeNumber } from "../live/whole-number.ts";

interface TopicsSettings extends CommonSettings {
  readonly to?: number;
}

export function define(command: Command): void {
  commonOptions(
    command.description(
      "Lists the partitions of the topics on Kafka. With --to it adds partitions to all of them together, and deals the\n" +
        "machines over these: stop all workers first, in order (SIGTERM); restart gateways afterwards.",
    ),
  )
    .addOption(new Option("--to <number>", "partitions: a multiple of the number now").argParser(wholeNumber(1, 1024)))
    .action(async () => {
      applySettingsFile(command);
      await work(command.opts<TopicsSettings>());
    });
}

async function work(settings: TopicsSettings): Promise<void> {
  const { kafka, to } = settings;
  if (kafka === undefined) {
    throw new UsageError("expected --kafka; the embedded log is one process's, to which more partitions are of no use");
  }
  const logger = loggerOf(settings);
  const log = openKafkaLog({ client: kafkaClientOf(settings, kafka), logger: bridgeTo(logger) });
  const of = topics(settings.topicPrefix, settings.partitions);
  try {
    await log.ensureTopics(allTopics(of));
    if (to !== undefined) {
      await countedEvents(log, of);
      const grow = (topic: string, partitions: number): Promise<void> => log.grow(topic, partitions);
      const { groupId } = WORKER_DEFAULTS;
      const { before, machinesMoved } = await withAuditedLog(settings, logger, async ({ tell }) => {
        const facts = { scope: "*", before: { partitions: (await log.endsOf(of.events.name)).length } };
        await tell({ kind: "topics", ...facts, after: { partitions: to } });
        const dealt = await dealAnew({ log, scheduler: systemScheduler(), topics: of, groupId, partitions: to, grow });
        await tell({ kind: "topics-grown", ...facts, after: { partitions: to, machinesMoved: dealt.machinesMoved } });
        return dealt;
      });
      process.stderr.write(`machines were dealt over ${before} partitions; ${machinesMoved} moved\n`);
    }
    for (const { name } of [of.events, of.checkpoints, of.live]) {
      process.stdout.write(`${name}: ${(await log.endsOf(name)).length} partitions\n`);
    }
    process.stdout.write(`machines: dealt over ${await dealtOver(log, of)} partitions\n`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new Failure(`${String(error.code)}: ${error.message}`, { cause: error });
  } finally {
    await log.close();
  }
}
