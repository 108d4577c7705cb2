/**
 * The file with the addresses of roles (`--roles`): people and addresses are settings, never master data. It is read
 * again when it changes; problems of a changed file are logged, and the one before stays in force.
 */
import { readFileSync, statSync } from "node:fs";
import { type Addresses, NO_ADDRESSES, type Receiver } from "@oee/gateway/keeper/options";
import { isJsonObject } from "@oee/model";
import type { Logger } from "pino";
import { parse } from "yaml";
import { reasonOf, UsageError } from "../failure.ts";

const LOOK_EVERY_MS = 2_000;
/** A shorter secret can be guessed. */
const SECRET_LENGTH_MIN = 16;

/** Throws `UsageError` where the file is wrong at the start. */
export function addressesOf(file: string | undefined, logger: Logger): () => Addresses {
  if (file === undefined) return () => NO_ADDRESSES;
  let sign = signOf(file);
  let lookedAt = performance.now();
  let addresses = addressesIn(file);
  return () => {
    if (performance.now() - lookedAt < LOOK_EVERY_MS) return addresses;
    lookedAt = performance.now();
    const now = signOf(file);
    if (now === sign) return addresses;
    sign = now;
    try {
      addresses = addressesIn(file);
      logger.info({ file }, "roles taken up");
    } catch (error) {
      logger.error({ code: "OEE_ROLES_REFUSED", file }, reasonOf(error));
    }
    return addresses;
  };
}

function signOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? "gone" : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
}

/** Throws `UsageError`. */
export function addressesIn(file: string): Addresses {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`cannot read the roles ${file}: ${reasonOf(error)}`, { cause: error });
  }
  const refuse = (where: string, found: unknown, expected: string): never => {
    const shown = found === undefined ? "nothing" : JSON.stringify(found);
    throw new UsageError(`${file}: ${where}: found ${shown}, expected ${expected}`);
  };
  const root = mappingOf(content) ?? refuse("the file", content, "a mapping with roles, mail and url");
  const known = ["roles", "mail", "url"];
  for (const key of Object.keys(root)) if (!known.includes(key)) refuse(key, key, `one of ${known.join(", ")}`);
  const roles = new Map<string, readonly Receiver[]>();
  const listed =
    root["roles"] === undefined ? {} : (mappingOf(root["roles"]) ?? refuse("roles", root["roles"], "lists by role"));
  for (const [role, list] of Object.entries(listed)) {
    if (!Array.isArray(list)) refuse(`roles.${role}`, list, "a list of email and webhook");
    const items = list as readonly unknown[];
    roles.set(
      role,
      items.map((item, i) => receiverOf(item, (found, expected) => refuse(`roles.${role}[${i}]`, found, expected))),
    );
  }
  const mail = root["mail"] === undefined ? null : mailOf(root["mail"], refuse);
  if (mail === null && [...roles.values()].flat().some(({ by }) => by === "email")) {
    refuse("mail", undefined, "server and from, for there are addresses of e-mail");
  }
  const { url = null } = root;
  if (url !== null && !isUrl(url, ["http:", "https:"]))
    refuse("url", url, "an address such as https://oee.example.org");
  return { roles, mail, url: url as string | null };
}

type Refuse = (found: unknown, expected: string) => never;

function receiverOf(item: unknown, refuse: Refuse): Receiver {
  const fields = mappingOf(item) ?? refuse(item, "email: ADDRESS, or webhook: URL with a secret");
  const { email, webhook, secret, ...rest } = fields;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) refuse(unknown, "email, or webhook and secret");
  if (email !== undefined && webhook === undefined) {
    if (typeof email !== "string" || !/^[^@\s<>]+@[^@\s<>]+$/.test(email))
      refuse(email, "an address such as a@example.org");
    return { by: "email", to: email };
  }
  if (webhook === undefined || email !== undefined) refuse(item, "either email or webhook");
  if (!isUrl(webhook, ["http:", "https:"])) refuse(webhook, "an address that begins with https:// or http://");
  if (secret !== undefined && (typeof secret !== "string" || secret.length < SECRET_LENGTH_MIN)) {
    // What was found is a secret.
    refuse("…", `a secret of at least ${SECRET_LENGTH_MIN} characters`);
  }
  return { by: "webhook", to: webhook as string, secret: secret ?? null };
}

function mailOf(value: unknown, refuse: (where: string, found: unknown, expected: string) => never): Addresses["mail"] {
  const { server, from } = mappingOf(value) ?? refuse("mail", value, "server and from");
  if (!isUrl(server, ["smtp:", "smtps:"])) refuse("mail.server", "…", "smtp://USER:PASSWORD@HOST:PORT, or smtps://");
  if (typeof from !== "string" || !from.includes("@")) refuse("mail.from", from, "an address such as oee@example.org");
  return { url: server as string, from: from };
}

function mappingOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return isJsonObject(value) ? value : null;
}

function isUrl(value: unknown, protocols: readonly string[]): boolean {
  return typeof value === "string" && URL.canParse(value) && protocols.includes(new URL(value).protocol);
}
