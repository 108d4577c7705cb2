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
export type { AccessOptions } from "./access/access.ts";
export type { ProviderOptions } from "./access/provider.ts";
export { ROUTES, type Row, SUBSCRIPTIONS } from "./access/table.ts";
export type { AuditFacts } from "./audit/audit-line.ts";
export { AuditLog } from "./audit/audit-log.ts";
export { type AuditState, type StateKind } from "./audit/audit-states.ts";
export { type AuditVerdict, verifyAudit } from "./audit/verify-audit.ts";
export { EntryLog } from "./review/entry-log.ts";
export { Strangers } from "./strangers.ts";
export { HttpProblem, type ProblemCode, PROBLEMS } from "./problems.ts";
