/** Turns the errors that kafkajs throws into `LogError`s of the port. */
import { LogError, messageOf } from "../error.ts";
import type { ClientError } from "./internals.ts";

const LOST_MEMBERSHIP = new Set([
  "UNKNOWN_MEMBER_ID",
  "ILLEGAL_GENERATION",
  "REBALANCE_IN_PROGRESS",
  "FENCED_INSTANCE_ID",
]);

/** kafkajs wraps errors when it gives up trying; the broker's answer is at the bottom. */
export function typeOf(error: unknown): string | undefined {
  const { type, cause } = (error ?? {}) as ClientError;
  return type ?? (cause === undefined ? undefined : typeOf(cause));
}

export function isLostMembership(error: unknown): boolean {
  return LOST_MEMBERSHIP.has(typeOf(error) ?? "");
}

const WITHOUT_LEADER: ReadonlySet<string> = new Set([
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "REPLICA_NOT_AVAILABLE",
  "UNKNOWN_TOPIC_OR_PARTITION",
]);

/** The broker that was asked does not lead the partition, not yet or not any more; who leads it will be known soon. */
export function isWithoutLeader(error: unknown): boolean {
  return WITHOUT_LEADER.has(typeOf(error) ?? "");
}

const DENIED: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "GROUP_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "ILLEGAL_SASL_STATE",
]);
/** Node's and OpenSSL's codes of what is wrong with a certificate or a handshake. */
const TLS_CODE = /CERT|SSL|TLS|SIGNED|SIGNATURE|CRL|EPROTO|CA_/;
const TLS_TEXT = /before secure TLS connection was established/;

/** What kept the log from being reached, as coded error; `doing` begins the message. */
export function connectionError(doing: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const what = `${doing}: ${messageOf(error)}`;
  const root = rootOf(error);
  const { name, type = "", code = "" } = root as { name?: string; type?: string; code?: unknown };
  if (name === "KafkaJSSASLAuthenticationError" || DENIED.has(type)) {
    const todo = "look at the user, the password, the SASL mechanism, and what the user is allowed";
    return new LogError("OEE_LOG_ACCESS_DENIED", `${what}: ${todo}`, error);
  }
  if (TLS_CODE.test(String(code)) || TLS_TEXT.test(messageOf(root))) {
    const todo = "look at the authority that signed the brokers' certificate, and whether this port speaks TLS";
    return new LogError("OEE_LOG_TLS_FAILED", `${what}: ${todo}`, error);
  }
  // It says no more to one that speaks without TLS, or without a sign-in, where it expects them.
  const closed = name === "KafkaJSConnectionClosedError" ? ": does the broker expect TLS, or a sign-in?" : "";
  return new LogError("OEE_LOG_UNAVAILABLE", `${what}${closed}`, error);
}

/** kafkajs wraps errors when it gives up trying. */
function rootOf(error: unknown): unknown {
  const { cause } = (error ?? {}) as ClientError;
  return cause === undefined ? error : rootOf(cause);
}

export function appendError(topic: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const what = `appending to ${topic}: ${messageOf(error)}`;
  switch (typeOf(error)) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
      return new LogError("OEE_LOG_UNKNOWN_TOPIC", what, error);
    case "MESSAGE_TOO_LARGE":
    case "RECORD_LIST_TOO_LARGE":
      return new LogError("OEE_LOG_RECORD_TOO_LARGE", what, error);
    default: {
      const refused = connectionError(`appending to ${topic}`, error);
      return refused.code === "OEE_LOG_UNAVAILABLE" ? new LogError("OEE_LOG_APPEND_FAILED", what, error) : refused;
    }
  }
}

export function topicError(topic: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const unknown = typeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION";
  return unknown ? unknownTopic(topic, error) : connectionError(`looking up topic ${topic}`, error);
}

export function unknownTopic(topic: string, cause?: unknown): LogError {
  return new LogError("OEE_LOG_UNKNOWN_TOPIC", `there is no topic ${topic}`, cause);
}
