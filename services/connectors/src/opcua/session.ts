/**
 * One session with an OPC UA server: connection, sign-in and namespaces, by node-opcua's client, which only this file,
 * `subscription.ts` and `trust.ts` use. The client restores a lost connection by itself, with what the server kept
 * meanwhile; after the restart of some servers it reports success and gets no more values. So a restored session is
 * checked, and one that is not the same is reported as lost: it has to be made anew.
 */
import { X509Certificate } from "node:crypto";
import {
  AttributeIds,
  type ClientSession,
  MessageSecurityMode,
  OPCUAClient,
  setErrorLogger,
  setWarningLogger,
  type UserIdentityInfo,
  UserTokenType,
} from "node-opcua-client";
import { inTime } from "@oee/pacing";
import type { OpcUaSettings, OpcUaUser } from "./settings.ts";
import { certificatesIn, mendEnvironment } from "./trust.ts";

// The client reports by errors and events; these lines would go to standard output.
setWarningLogger(() => {});
setErrorLogger(() => {});

const MODES: Readonly<Record<OpcUaSettings["security"], MessageSecurityMode>> = {
  none: MessageSecurityMode.None,
  sign: MessageSecurityMode.Sign,
  "sign-and-encrypt": MessageSecurityMode.SignAndEncrypt,
};
const SESSION_MS = 60_000;
const SILENCES_PER_SESSION = 3;
const RESTORED_WITHIN_MS = 10_000;
const LEAVE_MS = 3_000;
/** Of the client's attempts to restore a lost connection, which our watchdog ends. */
const FOR_EVER = -1;
/** ServerStatus.StartTime. */
const START_TIME = "i=2257";

export interface ServerSession {
  readonly session: ClientSession;
  readonly namespaces: readonly string[];
  /** Resolves with why the session has to be made anew. */
  readonly lost: Promise<string>;
  close(): Promise<void>;
}

type Access = Pick<OpcUaSettings, "url" | "security" | "policy" | "user" | "everyMs" | "timeoutMs">;

/** Throws where the server cannot be reached, is not trusted, or refuses us. `folder` has the certificates. */
export async function openSession(settings: Access, folder: string): Promise<ServerSession> {
  const { url, security, policy, everyMs, timeoutMs } = settings;
  const certificates = await certificatesIn(folder);
  const client = OPCUAClient.create({
    applicationName: "Open OEE",
    clientName: "Open OEE",
    clientCertificateManager: certificates,
    securityMode: MODES[security],
    securityPolicy: security === "none" ? "None" : policy,
    endpointMustExist: false,
    keepSessionAlive: true,
    // The client makes no subscription whose longest silence is longer than its session.
    requestedSessionTimeout: Math.max(SESSION_MS, SILENCES_PER_SESSION * everyMs),
    transportTimeout: Math.max(timeoutMs, RESTORED_WITHIN_MS),
    connectionStrategy: { initialDelay: 500, maxDelay: 2_000, maxRetry: 0 },
  });
  const leave = async (): Promise<void> => {
    await within(client.disconnect(), LEAVE_MS, "disconnecting").catch(() => {});
    await certificates.dispose();
  };
  try {
    await within(client.connect(url), Math.max(timeoutMs, RESTORED_WITHIN_MS), `connecting to ${url}`);
    mendEnvironment();
    // Only from here on: a server that cannot be reached at first is reported at once.
    client.connectionStrategy.maxRetry = FOR_EVER;
    const session = await within(client.createSession2(identity(settings.user)), timeoutMs, "signing in");
    const before = await placeOf(session);
    const lost = lossOf(client, session, before);
    return { session, namespaces: before.namespaces, lost, close: leave };
  } catch (error) {
    await leave();
    throw await explained(error, settings, folder);
  }
}

const NO_ENDPOINT = /Cannot find an Endpoint matching/;

/** What the server offers in place of what was asked for. */
async function explained(error: unknown, { url, timeoutMs }: Access, folder: string): Promise<unknown> {
  if (!(error instanceof Error) || !NO_ENDPOINT.test(error.message)) return error;
  const certificates = await certificatesIn(folder);
  const client = OPCUAClient.create({
    clientCertificateManager: certificates,
    securityMode: MessageSecurityMode.None,
    endpointMustExist: false,
    connectionStrategy: { maxRetry: 0 },
  });
  try {
    await within(client.connect(url), timeoutMs, "connecting");
    const endpoints = await within(client.getEndpoints(), timeoutMs, "asking for endpoints");
    const offers = endpoints.map(({ securityMode, securityPolicyUri }) => {
      const [security] = Object.entries(MODES).find(([, mode]) => mode === securityMode) ?? ["invalid"];
      const policy = securityPolicyUri?.split("#").at(-1) ?? "";
      return security === "none" ? "security none" : `security ${security} with policy ${policy}`;
    });
    return new Error(
      `the server does not offer the security that was asked for: it offers ${[...new Set(offers)].join(", ")}`,
    );
  } catch {
    return error;
  } finally {
    await within(client.disconnect(), LEAVE_MS, "disconnecting").catch(() => {});
    await certificates.dispose();
  }
}

interface Place {
  readonly namespaces: readonly string[];
  readonly startedAt: string;
}

/** What tells one run of a server from the next. */
async function placeOf(session: ClientSession): Promise<Place> {
  const namespaces = await session.readNamespaceArray();
  const read = await session.read({ nodeId: START_TIME, attributeId: AttributeIds.Value });
  return { namespaces, startedAt: String(read.value.value) };
}

async function lossOf(client: OPCUAClient, session: ClientSession, before: Place): Promise<string> {
  return await new Promise((resolve) => {
    let waiting: NodeJS.Timeout | null = null;
    client.on("after_reconnection", () => {
      waiting ??= setTimeout(() => resolve("the session was not restored after a reconnection"), RESTORED_WITHIN_MS);
    });
    const look = async (): Promise<void> => {
      try {
        const now = await within(placeOf(session), RESTORED_WITHIN_MS, "looking at the restored session");
        if (waiting !== null) clearTimeout(waiting);
        waiting = null;
        if (JSON.stringify(now) !== JSON.stringify(before)) resolve("the server was started anew");
      } catch (error) {
        resolve(error instanceof Error ? error.message : String(error));
      }
    };
    client.on("connection_reestablished", () => void look());
    session.on("session_restored", () => void look());
    session.on("session_closed", () => resolve("the server closed the session"));
    client.on("close", () => {
      if (waiting !== null) clearTimeout(waiting);
      resolve("the connection was closed");
    });
  });
}

function identity(user: OpcUaUser): UserIdentityInfo {
  switch (user.kind) {
    case "anonymous":
      return { type: UserTokenType.Anonymous };
    case "password":
      return { type: UserTokenType.UserName, userName: user.username, password: user.password };
    case "certificate": {
      const { raw } = new X509Certificate(user.certificate);
      return { type: UserTokenType.Certificate, certificateData: raw, privateKey: user.key };
    }
  }
}

/** The client waits without an end where a peer is silent. */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return inTime(promise, ms, () => {
    throw new Error(`${what} took longer than ${ms / 1000} s`);
  });
}
