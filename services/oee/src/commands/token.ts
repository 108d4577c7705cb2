/**
 * `oee token` makes, lists and revokes tokens of machines and displays, by a running gateway. A token is shown once,
 * when it is made.
 */
import { POWERS } from "@oee/gateway/access/roles";
import { formatInstant } from "@oee/model";
import { type Command, Option } from "commander";
import { UsageError } from "../failure.ts";
import { asPerson, type GatewayOptions, gatewayOptions } from "../gateway-client.ts";
import { instantOption } from "../option-values.ts";
import { writeResults } from "../output/standard-output.ts";

interface TokenOptions extends GatewayOptions {
  readonly scope: string;
  readonly may: string;
  readonly expires?: number;
  readonly never?: boolean;
  readonly certificate?: string;
}

export function define(command: Command): void {
  command.enablePositionalOptions().description("Tokens of machines and displays, by a gateway that runs.");
  const scope = (): Option => new Option("--scope <paths>", "a,b: what it is for, and all below").makeOptionMandatory();
  const expires = (): Option => new Option("--expires <instant>", "when it ends").argParser(instantOption);
  const never = (): Option => new Option("--never", "it does not end by itself");
  gatewayOptions(command.command("create <name>"))
    .description("Makes a token, and prints it this once.")
    .addOption(scope())
    .addOption(new Option("--may <what>", `a,b of ${POWERS.join(", ")}`).makeOptionMandatory())
    .addOption(expires())
    .addOption(never())
    .option("--certificate <sha256>", "a client's certificate that may stand for it")
    .action(async (name: string, options: TokenOptions) => {
      const { certificate, may } = options;
      const body = { name, scopes: listOf(options.scope), may: listOf(may), expires: expiryOf(options) };
      const given = certificate === undefined ? body : { ...body, certificate };
      const made = (await asPerson(options, (ask) => ask("POST", "/tokens", given))) as { readonly token: string };
      await writeResults([`${made.token}\n`]);
    });
  gatewayOptions(command.command("list"))
    .description("Lists tokens as NDJSON, with their last use.")
    .action(async (options: GatewayOptions) => {
      const tokens = (await asPerson(options, (ask) => ask("GET", "/tokens"))) as readonly object[];
      await writeResults(tokens.map((token) => `${JSON.stringify(token)}\n`));
    });
  gatewayOptions(command.command("revoke <id>"))
    .description("Revokes a token, on every gateway at once.")
    .action(async (id: string, options: GatewayOptions) => {
      await asPerson(options, (ask) => ask("DELETE", `/tokens/${encodeURIComponent(id)}`));
    });
  gatewayOptions(command.command("pair <code> <name>"))
    .description("Confirms the display that shows this code: it shows the scopes, and nothing else.")
    .addOption(scope())
    .addOption(expires())
    .addOption(never())
    .action(async (code: string, name: string, options: TokenOptions) => {
      const body = { code, name, scopes: listOf(options.scope), expires: expiryOf(options) };
      await asPerson(options, (ask) => ask("POST", "/displays", body));
    });
}

function listOf(text: string): readonly string[] {
  return text.split(",").map((one) => one.trim());
}

function expiryOf({ expires, never }: TokenOptions): string | null {
  if ((expires === undefined) === (never !== true)) throw new UsageError("expected --expires, or --never");
  return expires === undefined ? null : formatInstant(expires);
}
