/** `oee session` lists and ends the sessions of people, by a running gateway. */
import type { Command } from "commander";
import { asPerson, type GatewayOptions, gatewayOptions } from "../gateway-client.ts";
import { writeResults } from "../output/standard-output.ts";

export function define(command: Command): void {
  command.enablePositionalOptions().description("Who is signed in, and ending that, by a gateway that runs.");
  gatewayOptions(command.command("list"))
    .description("Lists sessions as NDJSON.")
    .action(async (options: GatewayOptions) => {
      const sessions = (await asPerson(options, (ask) => ask("GET", "/sessions"))) as readonly object[];
      await writeResults(sessions.map((session) => `${JSON.stringify(session)}\n`));
    });
  gatewayOptions(command.command("end <person>"))
    .description("Ends all sessions of a person (person-…, as `list` has it), on every gateway.")
    .action(async (person: string, options: GatewayOptions) => {
      await asPerson(options, (ask) => ask("DELETE", `/people/${encodeURIComponent(person)}/sessions`));
    });
  gatewayOptions(command.command("erase <person>"))
    .description("Ends all sessions of a person and erases the name; numbers and the audit keep the identifier.")
    .action(async (person: string, options: GatewayOptions) => {
      await asPerson(options, (ask) => ask("DELETE", `/people/${encodeURIComponent(person)}`));
    });
}
