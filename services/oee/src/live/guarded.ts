/**
 * The small servers of `oee worker` and `oee connect`: to callers on other machines they answer health requests only,
 * unless the caller has the token of the settings, or `--insecure-open` opens all of it.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Command, Option } from "commander";
import { UsageError } from "../failure.ts";
import { isLoopback } from "./listening.ts";

export interface GuardSettings {
  readonly listenToken?: string;
  readonly insecureOpen?: boolean;
}

/** A token of fewer characters could be guessed. */
const TOKEN_LENGTH_MIN = 16;

/** The answer to a request without the token. */
export const CHALLENGE: Readonly<Record<string, string>> = {
  // A browser asks for a password, which is the token, whatever the name.
  "www-authenticate": 'Basic realm="open OEE", charset="UTF-8"',
};

export function listenTokenOption(): Option {
  const what = "who asks for more than health has to have it; better as environment variable";
  return new Option("--listen-token <text>", what).env("OEE_LISTEN_TOKEN");
}

export function guardOptions(command: Command): Command {
  return command
    .addOption(listenTokenOption())
    .addOption(
      new Option("--insecure-open", "listen beyond this machine although whoever reaches it sees all of it").env(
        "OEE_INSECURE_OPEN",
      ),
    );
}

/** Throws `UsageError` (`OEE_LISTEN_OPEN`) where others could ask and nothing says that they may. */
export function checkGuarded(host: string, { listenToken, insecureOpen = false }: GuardSettings): void {
  if (listenToken !== undefined && listenToken.length < TOKEN_LENGTH_MIN) {
    throw new UsageError(
      `--listen-token: found ${listenToken.length} characters, expected at least ${TOKEN_LENGTH_MIN}`,
    );
  }
  if (isLoopback(host) || insecureOpen || listenToken !== undefined) return;
  throw new UsageError(
    `OEE_LISTEN_OPEN: --host ${host}: whoever reaches it would see all of it; expected --listen-token, or --insecure-open to say that this is meant`,
  );
}

/** Whether a request may see more than health: `Authorization` with the token, as Bearer or as the password of Basic. */
export function mayAsk({ authorization }: IncomingHttpHeaders, { listenToken }: GuardSettings): boolean {
  if (listenToken === undefined) return true;
  const [, scheme = "", value = ""] = /^(Bearer|Basic) ([^\s]{1,1000})$/i.exec(authorization ?? "") ?? [];
  const given = scheme.toLowerCase() === "basic" ? passwordIn(value) : value;
  return timingSafeEqual(digestOf(given), digestOf(listenToken));
}

function passwordIn(basic: string): string {
  const text = Buffer.from(basic, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1);
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
