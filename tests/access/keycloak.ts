/**
 * A real Keycloak beside the test, which tests/prepare.sh has installed: started once, with a realm of its own in memory. It takes
 * a minute or two, most of it Java's.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { cached } from "../support/cached.ts";
import { freePort } from "../support/free-port.ts";

const HOME = cached("keycloak-26.5.6");
const READY_WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 1_000;
const ADMIN = "admin-of-the-test";

/** Of this process alone: what is to be imported lies in a folder that others read too. */
export const REALM: string = `plant-${process.pid}`;
export const CLIENT = "open-oee";
export const KEYCLOAK_PASSWORD = "a-long-test-password";

export interface Keycloak {
  readonly issuer: string;
  /** Asks the admin API of the realm, as its administrator; the answer's status and JSON. */
  admin(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }>;
  stop(): Promise<void>;
}

/** `gateways`: their addresses; the first is told of sign-outs. `users`: groups by name. */
export async function startKeycloak(
  gateways: readonly string[],
  users: Readonly<Record<string, readonly string[]>>,
): Promise<Keycloak> {
  const port = await freePort();
  const imports = join(HOME, "data", "import");
  mkdirSync(imports, { recursive: true });
  const file = join(imports, `${REALM}-realm.json`);
  writeFileSync(file, JSON.stringify(realmOf(gateways, users)));
  const args = [
    "start-dev",
    "--db",
    "dev-mem",
    "--http-host",
    "127.0.0.1",
    "--http-port",
    String(port),
    "--import-realm",
  ];
  const child = spawn(join(HOME, "bin", "kc.sh"), [...args, "--health-enabled=false"], {
    env: {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN,
      // The first compiler alone: the second one costs more than it gives in two minutes.
      JAVA_OPTS_APPEND: "-Xmx512m -XX:TieredStopAtLevel=1",
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const base = `http://127.0.0.1:${port}`;
  const issuer = `${base}/realms/${REALM}`;
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while ((await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => null))?.ok !== true) {
    if (child.exitCode !== null || Date.now() > giveUpAt) {
      await stop(child);
      throw new Error(`Keycloak did not become ready: ${said.slice(-4_000)}`);
    }
    await wait(LOOK_EVERY_MS);
  }
  rmSync(file);
  return {
    issuer,
    admin: async (method, path, body) => {
      const form = new URLSearchParams({
        grant_type: "password",
        client_id: "admin-cli",
        username: ADMIN,
        password: ADMIN,
      });
      const granted = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
        method: "POST",
        body: form,
      });
      const { access_token: token } = (await granted.json()) as { readonly access_token: string };
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await fetch(`${base}/admin/realms/${REALM}${path}`, init);
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? null : (JSON.parse(text) as unknown) };
    },
    stop: () => stop(child),
  };
}

/** Stops the script and the Java process that it started, which are a process group of their own. */
async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-pid, "SIGKILL");
  await ended;
}

function realmOf(gateways: readonly string[], users: Readonly<Record<string, readonly string[]>>): object {
  const groups = [...new Set(Object.values(users).flat())];
  return {
    realm: REALM,
    enabled: true,
    sslRequired: "none",
    groups: groups.map((name) => ({ name })),
    clients: [
      {
        clientId: CLIENT,
        publicClient: true,
        standardFlowEnabled: true,
        redirectUris: gateways.map((url) => `${url}/sign-in/callback`),
        attributes: {
          "pkce.code.challenge.method": "S256",
          "post.logout.redirect.uris": gateways.map((url) => `${url}/sign-in`).join("##"),
          "backchannel.logout.url": `${gateways[0]}/api/v1/session/provider-sign-outs`,
          "backchannel.logout.session.required": "true",
        },
        protocolMappers: [
          {
            name: "groups",
            protocol: "openid-connect",
            protocolMapper: "oidc-group-membership-mapper",
            config: {
              "claim.name": "groups",
              "full.path": "false",
              "id.token.claim": "true",
              "access.token.claim": "false",
            },
          },
        ],
      },
    ],
    users: Object.entries(users).map(([username, own]) => ({
      username,
      enabled: true,
      emailVerified: true,
      email: `${username}@plant.example`,
      firstName: username,
      lastName: "Test",
      credentials: [{ type: "password", value: KEYCLOAK_PASSWORD, temporary: false }],
      groups: own.map((name) => `/${name}`),
    })),
  };
}
