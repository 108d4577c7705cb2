import { EventEmitter } from "node:events";
import type { FastifyReply } from "fastify";
import { expect, test } from "vitest";
import { clientSignal } from "./client-signal.ts";

test("work ends when the connection of its client closes", () => {
  const raw = new EventEmitter();
  const signal = clientSignal({ raw } as unknown as FastifyReply);
  expect(signal.aborted).toBe(false);
  raw.emit("close");
  expect(signal.aborted).toBe(true);
  expect(() => signal.throwIfAborted()).toThrow("nobody waits for the answer");
});
