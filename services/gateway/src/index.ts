export { API_PREFIX, buildGateway, listen } from "./gateway.ts";
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
export { SESSION_MS_DEFAULT, type AccessOptions } from "./access/access.ts";
export { type ProviderOptions, rolesOfGroups } from "./access/provider.ts";
export { ROUTES, type Row, SUBSCRIPTIONS } from "./access/table.ts";
export { digestOfPassword, faultOfPassword } from "./access/passwords.ts";
export * from "./access/roles.ts";
export { isUserName, newPersonId, readUsers, type User, type Users, writeUsers } from "./access/users.ts";
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
