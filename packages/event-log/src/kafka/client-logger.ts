/** kafkajs's log lines in the product's logger. kafkajs says error of much that it then tries again: those are warnings. */
import kafkajs, { type logCreator } from "kafkajs";
import type { Logger } from "../port.ts";

export function bridgeLogger(logger: Logger): logCreator {
  const { logLevel } = kafkajs;
  return () =>
    ({ namespace, level, log: { message, timestamp: _, logger: __, ...fields } }) => {
      const text = `kafka ${namespace}: ${message}`;
      if (level <= logLevel.WARN) logger.warn(text, fields);
      else logger.debug(text, fields);
    };
}
