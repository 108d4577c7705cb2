import type { FastifyInstance } from "fastify";
import type { buildGateway as build } from "./gateway.ts";

/** Builds a gateway. The HTTP server is loaded only here: commands that use other parts of the package start twice as fast without it. */
export const buildGateway: typeof build = async (options) => (await import("./gateway.ts")).buildGateway(options);

/** Listens on a port, on loopback by default, and returns the address. */
export async function listen(
  gateway: FastifyInstance,
  { host = "127.0.0.1", port = 8080 }: { readonly host?: string; readonly port?: number } = {},
): Promise<string> {
  return gateway.listen({ host, port });
}

export { followLiveTopic } from "./live/live-topic.ts";
export {
  GATEWAY_LIMITS,
  type GatewayLimits,
  type GatewayOptions,
  type GatewayTls,
  type OtherAnswer,
  type OtherRequest,
  type OtherRoute,
  type PlantInForce,
  type ReadinessCheck,
} from "./options.ts";
export { SESSION_IDLE_MS_DEFAULT, SESSION_MS_DEFAULT, type AccessOptions } from "./access/access.ts";
export { type ProviderOptions, rolesOfGroups } from "./access/provider.ts";
export { ROUTES, type Row, SUBSCRIPTIONS } from "./access/table.ts";
export { digestOfPassword, faultOfPassword } from "./access/passwords.ts";
export { offerFactor, resetFactor } from "./access/second-factors.ts";
export { newUsersSecret, readUsersSecrets, type UsersSecrets } from "./access/users-secret.ts";
export * from "./access/roles.ts";
export {
  checkSecrets,
  isEmail,
  isUserName,
  newPersonId,
  readUsers,
  type User,
  type Users,
  type UsersWritten,
  whoWroteUsers,
  writeUsers,
} from "./access/users.ts";
export { type AuditFacts, bytesOfLine } from "./audit/audit-line.ts";
export { AuditLog } from "./audit/audit-log.ts";
export { type AuditState, type StateKind } from "./audit/audit-states.ts";
export { restoreAudit } from "./audit/restore-audit.ts";
export { type AuditVerdict, verifyAudit } from "./audit/verify-audit.ts";
export { EntryLog } from "./review/entry-log.ts";
export { Strangers } from "./strangers.ts";
export { HttpProblem, type ProblemCode, PROBLEMS } from "./problems.ts";
export {
  type Addresses,
  type KeeperOptions,
  LOOK_EVERY_MS,
  NO_ADDRESSES,
  type Receiver,
  TOO_LATE_MS,
} from "./keeper/options.ts";
