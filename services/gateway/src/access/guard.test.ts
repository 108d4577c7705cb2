import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openTestStore, PLANT } from "../../test/gateway-fixture.ts";
import { openMemoryTopics } from "../../test/memory-topics.ts";
import { startSigned } from "../../test/signed-in.ts";
import { Access } from "./access.ts";
import { Guard } from "./guard.ts";
import { Proxies } from "./proxies.ts";

function messageWith(authorization?: string): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  if (authorization !== undefined) message.headers.authorization = authorization;
  return message;
}

test("without a sign-in everybody reaches everything", () => {
  const guard = new Guard(null, () => PLANT, new Proxies([]), false);
  expect(guard.isOn).toBe(false);
  expect(guard.admitSocket(messageWith())).toEqual({ who: null, reach: ["*"] });
});

test("the live channel takes who may see it, with their scopes, until the token is revoked", async () => {
  const { log, topics } = await openMemoryTopics();
  const parts = { readOnly: false, onNameOver: () => Promise.resolve() };
  const logger = pino({ level: "silent" });
  const access = new Access({ users: () => new Map() }, { log, topic: topics.access.name, logger, ...parts });
  onTestFinished(() => access.close());
  await access.log.caughtUp;
  const guard = new Guard(access, () => PLANT, new Proxies([]), false);
  const tokenFor = (may: "wall" | "events:write"): Promise<{ readonly id: string; readonly token: string }> =>
    access.tokens.create({ name: may, scopes: ["berlin"], may: [may], expires: null, by: "p", certificate: null }, () =>
      Promise.resolve(),
    );
  const [wall, sender] = [await tokenFor("wall"), await tokenFor("events:write")];
  expect(guard.admitSocket(messageWith())).toBe("sign-in");
  expect(guard.admitSocket(messageWith(`Bearer ${sender.token}`))).toBe("forbidden");
  const admitted = guard.admitSocket(messageWith(`Bearer ${wall.token}`));
  if (typeof admitted === "string" || admitted.who === null) throw new Error("a display is let in");
  expect(admitted.reach).toEqual(["berlin"]);
  await access.tokens.revoke(wall.id);
  expect(guard.reachOf(admitted.who)).toEqual([]);
});

test("a browser that opens a page is led to the sign-in, and from there to the page; a program is told that it must sign in", async () => {
  const { store, close } = await openTestStore();
  const gateway = await startSigned(store, { vera: ["viewer@berlin"] });
  onTestFinished(async () => {
    await gateway.close();
    await close();
  });
  const path = "/api/v1/stops?scope=berlin";
  const page = await gateway.as(null, path, { headers: { accept: "text/html" } });
  expect([page.status, page.headers.get("location")]).toEqual([
    303,
    "/sign-in?next=%2Fapi%2Fv1%2Fstops%3Fscope%3Dberlin",
  ]);
  const program = await gateway.as(null, path);
  expect([program.status, await program.json()]).toMatchObject([401, { code: "OEE_HTTP_SIGN_IN" }]);
  // Who is signed in and lacks the role is not led there again.
  const other = await gateway.as("vera", "/api/v1/people", { headers: { accept: "text/html" } });
  expect([other.status, await other.json()]).toMatchObject([403, { code: "OEE_HTTP_FORBIDDEN" }]);
});
