/** The settings of a gateway's sign-in and of its ports: users, provider, roles, TLS, proxies. */
import { type Role, ROLES } from "@oee/gateway/access/roles";
import { type Command, Option } from "commander";
import { type Keep, keepOption, durationOption } from "../option-values.ts";
import { wholeNumber } from "./whole-number.ts";

export interface AccessSettings {
  readonly users?: string;
  readonly usersSecret?: string;
  readonly secondFactorFrom?: Role;
  readonly insecureOpen?: boolean;
  /** ms once parsed. */
  readonly sessionLasts: number;
  /** ms once parsed; `null`: sessions do not end by themselves before that. */
  readonly sessionIdle: number | null;
  readonly useNotice?: string;
  readonly fourEyes?: boolean;
  readonly pseudonyms?: boolean;
  readonly namesKept: Keep;
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcClientSecret?: string;
  readonly oidcUrl?: string;
  readonly oidcRoles?: string;
  readonly oidcGroups: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly tlsClientCrl?: string;
  readonly tlsOcsp?: string;
  readonly hstsOwnName?: boolean;
  readonly httpRedirectPort?: number;
  readonly trustProxy?: readonly string[];
  readonly readOnly?: boolean;
}

const SESSION_LASTS_MS = 12 * 3_600_000;
const SESSION_IDLE_MS = 30 * 60_000;

export function accessOptions(command: Command): Command {
  return command
    .addOption(new Option("--users <file>", "who signs in with a password, as `oee user` writes it").env("OEE_USERS"))
    .addOption(usersSecretOption())
    .addOption(
      new Option(
        "--second-factor-from <role>",
        "whoever signs in with a password and holds this role, or one that includes it, needs a second factor",
      )
        .env("OEE_SECOND_FACTOR_FROM")
        .choices(ROLES),
    )
    .addOption(
      new Option("--insecure-open", "listen beyond this machine although whoever reaches it may do everything").env(
        "OEE_INSECURE_OPEN",
      ),
    )
    .addOption(
      new Option("--session-lasts <duration>", "a person signs in again after so long")
        .env("OEE_SESSION_LASTS")
        .argParser(durationOption)
        .default(SESSION_LASTS_MS, "12h"),
    )
    .addOption(
      new Option("--session-idle <duration>", "a person who asked nothing for so long signs in again, or never")
        .env("OEE_SESSION_IDLE")
        .argParser((text) => (text === "never" ? null : durationOption(text)))
        .default(SESSION_IDLE_MS, "30m"),
    )
    .addOption(new Option("--use-notice <text>", "what people are told before they sign in").env("OEE_USE_NOTICE"))
    .addOption(new Option("--four-eyes", "who presents a review does not sign it off").env("OEE_FOUR_EYES"))
    .addOption(new Option("--pseudonyms", "answers name nobody, but by an identifier").env("OEE_PSEUDONYMS"))
    .addOption(
      new Option("--names-kept <days>", "names of people are erased so long after their last sign-in: days, or forever")
        .env("OEE_NAMES_KEPT")
        .argParser(keepOption)
        .default("forever"),
    )
    .addOption(new Option("--oidc-issuer <url>", "an OpenID provider where people sign in").env("OEE_OIDC_ISSUER"))
    .addOption(new Option("--oidc-client-id <id>", "what the provider calls this product").env("OEE_OIDC_CLIENT_ID"))
    .addOption(
      new Option("--oidc-client-secret <text>", "better as environment variable").env("OEE_OIDC_CLIENT_SECRET"),
    )
    .addOption(
      new Option("--oidc-url <url>", "where browsers find this gateway, such as https://oee.example.org").env(
        "OEE_OIDC_URL",
      ),
    )
    .addOption(new Option("--oidc-roles <file>", "roles of the provider's groups (YAML)").env("OEE_OIDC_ROLES"))
    .addOption(
      new Option("--oidc-groups <claim>", "where a token has the groups").env("OEE_OIDC_GROUPS").default("groups"),
    )
    .addOption(
      new Option("--tls-cert <file>", "certificate to serve with TLS (PEM); read again when it is renewed").env(
        "OEE_TLS_CERT",
      ),
    )
    .addOption(new Option("--tls-key <file>", "its key (PEM)").env("OEE_TLS_KEY"))
    .addOption(
      new Option("--tls-client-ca <file>", "who signed certificates of machines that may stand for a token (PEM)").env(
        "OEE_TLS_CLIENT_CA",
      ),
    )
    .addOption(
      new Option("--tls-client-crl <file>", "which of them were revoked (CRL, PEM); read again when it is renewed").env(
        "OEE_TLS_CLIENT_CRL",
      ),
    )
    .addOption(
      new Option(
        "--tls-ocsp <file>",
        "OCSP's answer that the certificate is not revoked, which clients are given (DER); read again when it is renewed",
      ).env("OEE_TLS_OCSP"),
    )
    .addOption(
      new Option("--hsts-own-name", "browsers are told to use TLS for this name, and not for names below it").env(
        "OEE_HSTS_OWN_NAME",
      ),
    )
    .addOption(
      new Option("--http-redirect-port <number>", "where requests without TLS are led to it")
        .env("OEE_HTTP_REDIRECT_PORT")
        .argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option("--trust-proxy <addresses>", "proxies that say where requests come from, a,b or 10.0.0.0/8")
        .env("OEE_TRUST_PROXY")
        .argParser((text) => text.split(",").map((address) => address.trim())),
    );
}

export function usersSecretOption(): Option {
  return new Option(
    "--users-secret <file>",
    "what passwords are digested with besides, as `oee user secret` makes it; kept apart from the users file",
  ).env("OEE_USERS_SECRET");
}

export function readOnlyOption(): Option {
  return new Option("--read-only", "changes nothing: for a gateway in a zone of less trust").env("OEE_READ_ONLY");
}
