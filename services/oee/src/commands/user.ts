/**
 * `oee user` sets who signs in to gateways with a password, and with which roles, in the users file. There is no
 * initial password.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { digestOfPassword, faultOfPassword } from "@oee/gateway/access/passwords";
import { type Grant, grantOf, ROLES, textOfGrant } from "@oee/gateway/access/roles";
import { offerFactor, resetFactor } from "@oee/gateway/access/second-factors";
import {
  isEmail,
  isUserName,
  newPersonId,
  readUsers,
  type User,
  type Users,
  writeUsers,
} from "@oee/gateway/access/users";
import { newUsersSecret } from "@oee/gateway/access/users-secret";
import { type Command, InvalidArgumentError, Option } from "commander";
import { renderUnicodeCompact } from "uqr";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { usersSecretsIn } from "../live/access.ts";
import { usersSecretOption } from "../live/access-settings.ts";
import { whoRuns } from "../live/who-runs.ts";
import { writeResults } from "../output/standard-output.ts";
import { readSecret } from "../secret.ts";

interface UserOptions {
  readonly users: string;
  readonly usersSecret?: string;
  readonly role?: readonly Grant[];
  readonly email?: string;
  readonly passwordStdin?: boolean;
  readonly reset?: boolean;
}

export function define(command: Command): void {
  command
    .enablePositionalOptions()
    .description(
      "Who signs in to gateways with a password. Gateways that run take up changes of the file within seconds.",
    );
  const file = (): Option => new Option("--users <file>", "the users file").env("OEE_USERS").makeOptionMandatory();
  const role = (): Option =>
    new Option(
      "--role <role@scope>",
      `${ROLES.join(", ")}, for a scope and all below it; may be given several times`,
    ).argParser(collectGrant);
  const stdin = (): Option => new Option("--password-stdin", "the password is the first line of standard input");
  command
    .command("secret <file>")
    .description("Makes the secret that passwords are digested with besides, in a file of its own (--users-secret).")
    .action((path: string) => {
      try {
        writeFileSync(path, newUsersSecret(), { mode: 0o600, flag: "wx" });
      } catch (error) {
        throw new Failure(`cannot make ${path}: ${reasonOf(error)}`, { cause: error });
      }
    });
  command
    .command("add <name>")
    .description("Adds a user; asks for the password.")
    .addOption(file())
    .addOption(usersSecretOption())
    .addOption(role())
    .option("--email <address>", "where notices about their account go", emailOption)
    .addOption(stdin())
    .action(async (name: string, options: UserOptions) => {
      if (!isUserName(name))
        throw new UsageError(`found the name ${JSON.stringify(name)}, expected letters, digits, spaces and . _ @ -`);
      const users = usersIn(options.users, true);
      if (users.has(name))
        throw new Failure(`${name} is there already; \`oee user password ${name}\` sets a new password`);
      const grants = options.role ?? [];
      if (grants.length === 0) throw new UsageError("expected --role, such as --role supervisor@berlin/packing");
      const password = await newPassword(name, options);
      const email = options.email === undefined ? {} : { email: options.email };
      save(options.users, new Map([...users, [name, { id: newPersonId(), name, password, grants, ...email }]]));
      process.stderr.write(`${name} may sign in\n`);
    });
  command
    .command("list")
    .description("Lists users with their roles.")
    .addOption(file())
    .action(async ({ users }: UserOptions) => {
      const lines = [...usersIn(users).values()].map(
        ({ name, id, grants, email }) =>
          `${[name, id, grants.map(textOfGrant).join(" "), ...(email === undefined ? [] : [email])].join("\t")}\n`,
      );
      await writeResults(lines);
    });
  command
    .command("remove <name>")
    .description("Removes a user, whose sessions end within seconds.")
    .addOption(file())
    .action((name: string, { users: path }: UserOptions) => {
      const users = new Map(usersIn(path));
      known(users, name);
      users.delete(name);
      save(path, users);
    });
  command
    .command("password <name>")
    .description("Sets a new password; asks for it.")
    .addOption(file())
    .addOption(usersSecretOption())
    .addOption(stdin())
    .action(async (name: string, options: UserOptions) => {
      const users = new Map(usersIn(options.users));
      const user = known(users, name);
      users.set(name, { ...user, password: await newPassword(name, options) });
      save(options.users, users);
    });
  command
    .command("email <name>")
    .argument("[address]", "such as anna@example.org; none if it is left out", emailOption)
    .description("Sets the e-mail address to which notices about the user's account go.")
    .addOption(file())
    .action((name: string, address: string | undefined, { users: path }: UserOptions) => {
      const users = new Map(usersIn(path));
      const { email: _, ...user } = known(users, name);
      const email = address === undefined ? {} : { email: address };
      save(path, users.set(name, { ...user, ...email }));
    });
  command
    .command("second-factor <name>")
    .description("Sets a new second factor and shows its key, for an authenticator app; the one before is over.")
    .addOption(file())
    .addOption(usersSecretOption())
    .option("--reset", "none instead: the person sets one on the page to sign in")
    .action(async (name: string, options: UserOptions) => {
      const users = new Map(usersIn(options.users));
      const user = known(users, name);
      if (options.reset === true) {
        save(options.users, users.set(name, { ...user, secondFactor: resetFactor() }));
        return;
      }
      const secrets = usersSecretsIn(options.usersSecret);
      if (secrets === null) throw new UsageError("expected --users-secret, with which the key is sealed");
      const { key, address, sealed } = offerFactor(user, secrets);
      save(options.users, users.set(name, { ...user, secondFactor: sealed }));
      if (process.stderr.isTTY) process.stderr.write(`${renderUnicodeCompact(address)}\n`);
      await writeResults([`${address}\n`]);
      process.stderr.write(`${name} signs in with a code of this key besides: ${key}\n`);
    });
  command
    .command("roles <name>")
    .description("Sets a user's roles, in place of those before.")
    .addOption(file())
    .addOption(role().makeOptionMandatory())
    .action((name: string, { users: path, role: grants = [] }: UserOptions) => {
      const users = new Map(usersIn(path));
      users.set(name, { ...known(users, name), grants });
      save(path, users);
    });
}

function collectGrant(text: string, before: readonly Grant[] = []): readonly Grant[] {
  const grant = grantOf(text);
  if (grant !== null) return [...before, grant];
  throw new InvalidArgumentError(`Expected ${ROLES.join(", ")}, with @ and a scope such as supervisor@berlin/packing.`);
}

function emailOption(text: string): string {
  if (isEmail(text)) return text;
  throw new InvalidArgumentError("Expected one address such as anna@example.org.");
}

function known(users: Users, name: string): User {
  const user = users.get(name);
  if (user === undefined) throw new Failure(`there is no user ${JSON.stringify(name)}`);
  return user;
}

async function newPassword(name: string, { passwordStdin, usersSecret }: UserOptions): Promise<string> {
  const secrets = usersSecretsIn(usersSecret);
  const password = await readSecret(`Password of ${name}: `, passwordStdin === true);
  const fault = await faultOfPassword(password, name);
  if (fault !== null) throw new Failure(`the password is not taken: ${fault}`);
  return digestOfPassword(password, secrets);
}

function usersIn(file: string, orNone = false): Users {
  if (orNone && !existsSync(file)) return new Map();
  try {
    return readUsers(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Failure(`OEE_USERS_REFUSED: ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Whole or not at all, for its owner alone. */
function save(file: string, users: Users): void {
  const { who, from } = whoRuns();
  const next = `${file}.new`;
  writeFileSync(next, writeUsers(users, { by: who ?? "", on: from ?? "" }), { mode: 0o600 });
  renameSync(next, file);
}
