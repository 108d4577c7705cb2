import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isDead, ownIdentity, startOf } from "./process-identity.ts";

test("a process is dead only where that is sure: not a stopped one, nor one of another machine, boot or container", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const pid = child.pid ?? Number.NaN;
  await expect.poll(() => startOf(pid)).toMatch(/^\d+$/);
  const own = ownIdentity();
  const of = { ...own, pid, startedAt: startOf(pid) };
  const elsewhere = [
    { ...of, bootId: "another" },
    { ...of, pids: "pid:[1]" },
    { ...of, host: "another" },
    { ...of, startedAt: null },
    { ...of, bootId: null },
    { ...of, pids: null },
  ];
  try {
    expect([own, of].map(isDead)).toEqual([false, false]);
    child.kill("SIGSTOP");
    await expect.poll(() => isDead(of)).toBe(false);
    // Its pid, of a process that began before.
    expect(isDead({ ...of, startedAt: "1" })).toBe(true);
  } finally {
    child.kill("SIGKILL");
  }
  await once(child, "exit");
  expect(isDead(of)).toBe(true);
  expect(elsewhere.map(isDead)).toEqual(elsewhere.map(() => false));
});
