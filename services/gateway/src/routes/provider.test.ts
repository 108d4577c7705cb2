import { expect, onTestFinished, test } from "vitest";
import { openTestStore } from "../../test/gateway-fixture.ts";
import { valuesOn } from "../../test/memory-topics.ts";
import { startSigned } from "../../test/signed-in.ts";
import { lineIn } from "../audit/audit-line.ts";
import { localPath } from "./provider.ts";

test("after the sign-in a browser is led to a path of this gateway, and to no other site", () => {
  for (const path of ["/wall", "/reasons/berlin?lang=de", "/review#a"]) expect(localPath(path)).toBe(path);
  const elsewhere = [
    "//evil.example",
    "/\\evil.example",
    "/a\\b",
    "https://evil.example",
    "wall",
    "/ü",
    "/a b",
    "",
    null,
  ];
  for (const path of [...elsewhere, `/${"x".repeat(1_024)}`]) expect([path, localPath(path)]).toEqual([path, "/wall"]);
});

test("a provider that is away is told as such; a callback that no browser began fails, and is told to the audit", async () => {
  const { store, close } = await openTestStore();
  const provider = {
    // A port on which nothing listens.
    ...{ issuer: "http://127.0.0.1:1", clientId: "oee", clientSecret: null, url: "http://127.0.0.1" },
    ...{ roles: new Map(), groups: "groups" },
  };
  const gateway = await startSigned(store, { anna: ["viewer"] }, { signIn: { provider } });
  onTestFinished(async () => {
    await gateway.close();
    await close();
  });
  const begun = await gateway.as(null, "/sign-in/provider?next=/wall");
  expect([begun.status, await begun.json()]).toMatchObject([503, { code: "OEE_HTTP_PROVIDER_UNAVAILABLE" }]);
  const back = await gateway.as(null, "/sign-in/callback?code=c&state=s");
  expect([back.status, back.headers.get("location")]).toEqual([303, "/sign-in?failed=provider"]);
  expect(back.headers.getSetCookie()).toEqual([expect.stringMatching(/^oee-flow=; .*Max-Age=0/)]);
  const lines = (await valuesOn(gateway.log, gateway.topics.audit.name)).map((value) => lineIn(value));
  expect(lines).toMatchObject([{ kind: "sign-in-failed", who: null, after: { why: "provider" } }]);
  const form = {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "logout_token=x",
  };
  const out = await gateway.as(null, "/api/v1/session/provider-sign-outs", form);
  expect([out.status, await out.json()]).toMatchObject([400, { code: "OEE_HTTP_INVALID_BODY" }]);
});
