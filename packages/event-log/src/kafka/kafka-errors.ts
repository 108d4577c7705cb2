/** What kafkajs throws, as the port's errors. */
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

export function appendError(topic: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const what = `appending to ${topic}: ${messageOf(error)}`;
  switch (typeOf(error)) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
      return new LogError("OEE_LOG_UNKNOWN_TOPIC", what, error);
    case "MESSAGE_TOO_LARGE":
    case "RECORD_LIST_TOO_LARGE":
      return new LogError("OEE_LOG_RECORD_TOO_LARGE", what, error);
    default:
      return new LogError("OEE_LOG_APPEND_FAILED", what, error);
  }
}

export function topicError(topic: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const unknown = typeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION";
  return unknown
    ? new LogError("OEE_LOG_UNKNOWN_TOPIC", `there is no topic ${topic}`, error)
    : new LogError("OEE_LOG_UNAVAILABLE", `looking up topic ${topic}: ${messageOf(error)}`, error);
}
