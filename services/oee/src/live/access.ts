/**
 * Makes a gateway's sign-in by the settings, and decides whether the gateway may listen beyond this machine: not
 * without sign-in, and not where passwords would go unencrypted.
 */
import { readFileSync, statSync } from "node:fs";
import type { AccessOptions, ProviderOptions } from "@oee/gateway";
import { rolesOfGroups } from "@oee/gateway/access/roles";
import { checkSecrets, readUsers, type Users, type UsersWritten, whoWroteUsers } from "@oee/gateway/access/users";
import { readUsersSecrets, type UsersSecrets } from "@oee/gateway/access/users-secret";
import type { Logger } from "pino";
import { parse } from "yaml";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import type { AuditChanges } from "./audit-changes.ts";
import type { AccessSettings } from "./access-settings.ts";
import { isLoopback } from "./listening.ts";
import type { NetworkSettings } from "./listening.ts";
import { daysOf } from "./settings.ts";

const LOOK_EVERY_MS = 2_000;
const DAY_MS = 86_400_000;
const NOBODY: Users = new Map();

export interface SignIn {
  /** `null`: there is none. */
  readonly options: AccessOptions | null;
  /** Has the audit told who may sign in with a password: now, and whenever the users file has changed. */
  tellTo(changes: AuditChanges): void;
  stop(): void;
}

/** Throws `UsageError` and `Failure`. */
export async function signInOf(settings: AccessSettings & NetworkSettings, logger: Logger): Promise<SignIn> {
  const provider = providerOf(settings);
  checkListening(settings, settings.users !== undefined || provider !== null);
  if (settings.users === undefined && provider === null)
    return { options: null, tellTo: () => undefined, stop: () => undefined };
  const file = settings.users;
  const secrets = usersSecretsIn(settings.usersSecret);
  if (settings.secondFactorFrom !== undefined && secrets === null) {
    throw new UsageError("--second-factor-from needs --users-secret, with which keys of second factors are sealed");
  }
  const read = (from: string): ReturnType<typeof usersIn> => usersIn(from, secrets);
  let { users, written } = file === undefined ? { users: NOBODY, written: null } : read(file);
  let told: AuditChanges | null = null;
  let seen = file === undefined ? "" : signOf(file);
  const timer = setInterval(() => {
    if (file === undefined || signOf(file) === seen) return;
    seen = signOf(file);
    try {
      ({ users, written } = read(file));
      told?.users(users, written);
      logger.info({ file, users: users.size }, "users file taken up");
    } catch (error) {
      logger.error({ code: "OEE_USERS_REFUSED", file }, `${reasonOf(error)}; the users before stay in force`);
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  const kept = daysOf(settings.namesKept);
  return {
    options: {
      users: () => users,
      secrets,
      secondFactorFrom: settings.secondFactorFrom ?? null,
      sessionMs: settings.sessionLasts,
      sessionIdleMs: settings.sessionIdle,
      useNotice: settings.useNotice ?? null,
      fourEyes: settings.fourEyes === true,
      pseudonyms: settings.pseudonyms === true,
      namesKeptMs: kept === null ? null : kept * DAY_MS,
      ...(provider === null ? {} : { provider }),
    },
    tellTo: (changes) => {
      if (file === undefined) return;
      told = changes;
      changes.users(users, written);
    },
    stop: () => clearInterval(timer),
  };
}

function checkListening(settings: AccessSettings & NetworkSettings, signIn: boolean): void {
  const { host, tlsCert, tlsKey, trustProxy = [], insecureOpen = false } = settings;
  const { tlsClientCa, tlsClientCrl, tlsOcsp, httpRedirectPort } = settings;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("expected --tls-cert and --tls-key together, or neither");
  }
  if (tlsCert === undefined && [tlsClientCa, tlsOcsp, httpRedirectPort].some((given) => given !== undefined)) {
    throw new UsageError("--tls-client-ca, --tls-ocsp and --http-redirect-port need --tls-cert and --tls-key");
  }
  if (tlsClientCrl !== undefined && tlsClientCa === undefined) {
    throw new UsageError("--tls-client-crl needs --tls-client-ca, whose certificates it revokes");
  }
  if (isLoopback(host) || insecureOpen) return;
  if (!signIn) {
    throw new UsageError(
      `OEE_LISTEN_OPEN: --host ${host}: found no sign-in, so that whoever reaches it may do everything; expected --users or --oidc-issuer, or --insecure-open to say that this is meant`,
    );
  }
  if (tlsCert === undefined && trustProxy.length === 0) {
    throw new UsageError(
      `OEE_LISTEN_OPEN: --host ${host}: passwords would go there in the clear; expected --tls-cert and --tls-key, or --trust-proxy for a proxy that does TLS, or --insecure-open to say that this is meant`,
    );
  }
}

/** `null`: there are none. Throws `UsageError`. */
export function usersSecretsIn(file: string | undefined): UsersSecrets | null {
  if (file === undefined) return null;
  try {
    return readUsersSecrets(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`cannot read the secret ${file}: ${reasonOf(error)}; \`oee user secret\` makes it`, {
      cause: error,
    });
  }
}

function usersIn(
  file: string,
  secrets: UsersSecrets | null,
): { readonly users: Users; readonly written: UsersWritten | null } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the users ${file}: ${reasonOf(error)}; \`oee user add\` makes it`, {
      cause: error,
    });
  }
  try {
    const users = readUsers(text);
    checkSecrets(users, secrets);
    return { users, written: whoWroteUsers(text) };
  } catch (error) {
    throw new Failure(`OEE_USERS_REFUSED: ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Another text for every other content, as far as the file system tells. */
function signOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "gone";
  }
}

function providerOf(settings: AccessSettings): ProviderOptions | null {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcUrl, oidcRoles, oidcGroups } = settings;
  if (oidcIssuer === undefined) return null;
  if (oidcClientId === undefined || oidcUrl === undefined || oidcRoles === undefined) {
    throw new UsageError("--oidc-issuer needs --oidc-client-id, --oidc-url and --oidc-roles");
  }
  for (const [name, url] of [
    ["--oidc-issuer", oidcIssuer],
    ["--oidc-url", oidcUrl],
  ] as const) {
    const isClear = URL.canParse(url) && new URL(url).protocol === "http:" && isLoopback(new URL(url).hostname);
    if (!URL.canParse(url) || (new URL(url).protocol !== "https:" && !isClear)) {
      throw new UsageError(`${name}: found ${JSON.stringify(url)}, expected an address with https://`);
    }
  }
  try {
    return {
      issuer: oidcIssuer,
      clientId: oidcClientId,
      clientSecret: oidcClientSecret ?? null,
      url: oidcUrl,
      roles: rolesOfGroups(parse(readFileSync(oidcRoles, "utf8"))),
      groups: oidcGroups,
    };
  } catch (error) {
    throw new UsageError(`${oidcRoles}: ${reasonOf(error)}`, { cause: error });
  }
}
