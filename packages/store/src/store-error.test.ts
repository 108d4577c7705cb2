import { expect, test } from "vitest";
import { StoreError, storeErrorOf } from "./store-error.ts";

const thrown = (code: string, message = "it failed"): Error => Object.assign(new Error(message), { code });
const codeAndRetry = (error: unknown): readonly unknown[] => {
  const { code, retryable } = storeErrorOf(error, "ask");
  return [code, retryable];
};

test("what passes by itself may be tried again: a lost way to the server, and ClickHouse's errors of time and memory", () => {
  for (const code of ["ECONNREFUSED", "ECONNRESET", "159", "241", "252"]) {
    expect(codeAndRetry(thrown(code))).toEqual(["OEE_STORE_UNAVAILABLE", true]);
  }
  expect(codeAndRetry("a text")).toEqual(["OEE_STORE_UNAVAILABLE", true]);
});

test("what someone has to change may not: the statement, the rights, the certificate", () => {
  expect(codeAndRetry(thrown("62", "Syntax error"))).toEqual(["OEE_STORE_REFUSED", false]);
  expect(codeAndRetry(new TypeError("no number"))).toEqual(["OEE_STORE_REFUSED", false]);
  expect(codeAndRetry(thrown("497"))).toEqual(["OEE_STORE_ACCESS_DENIED", false]);
  expect(codeAndRetry(thrown("DEPTH_ZERO_SELF_SIGNED_CERT"))).toEqual(["OEE_STORE_TLS_FAILED", false]);
});

test("a full disk is told as one, by its code or by the words of the system", () => {
  for (const error of [thrown("ENOSPC"), thrown("243"), new Error("write: No space left on device")]) {
    expect(codeAndRetry(error)).toEqual(["OEE_STORE_DISK_FULL", true]);
  }
});

test("an error that has a code keeps it, and the message says what could not be done", () => {
  const own = new StoreError("OEE_STORE_CLOSED", "closed");
  expect(storeErrorOf(own, "ask")).toBe(own);
  expect(storeErrorOf(thrown("62", "Syntax error"), "write rows").message).toBe("could not write rows: Syntax error");
});
