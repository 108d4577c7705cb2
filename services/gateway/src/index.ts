export { API_PREFIX, buildGateway, listen } from "./gateway.ts";
export { followLiveTopic } from "./live/live-topic.ts";
export {
  type Access,
  GATEWAY_LIMITS,
  type GatewayLimits,
  type GatewayOptions,
  type PlantInForce,
  type ReadinessCheck,
  type Verdict,
} from "./options.ts";
export { Strangers } from "./strangers.ts";
export { HttpProblem, type ProblemCode, PROBLEMS } from "./problems.ts";
