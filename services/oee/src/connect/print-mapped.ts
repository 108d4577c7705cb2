/** Prints each observation beside the events that the mapping made of it, a line each, to standard output. */
import type { Observation } from "@oee/connectors";
import { formatInstant } from "@oee/model";

export function printMapped(observations: readonly Observation[], events: readonly string[]): void {
  for (const { machine, signal, value, quality, at, stamped } of observations) {
    const read = { machine, signal, value, quality, at: formatInstant(at), stamped };
    process.stdout.write(`read  ${JSON.stringify(read)}\n`);
  }
  for (const event of events) process.stdout.write(`event ${event}\n`);
}
