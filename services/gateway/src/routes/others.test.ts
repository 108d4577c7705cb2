import { expect, onTestFinished, test } from "vitest";
import { FILLER, openGateway, openTestStore } from "../../test/gateway-fixture.ts";
import type { OtherAnswer, OtherRequest } from "../options.ts";

test("a part of the process answers its path itself, with the whole body or none, under a policy that runs no scripts", async () => {
  const { store, close } = await openTestStore();
  let answer = async (request: OtherRequest): Promise<OtherAnswer> => ({
    status: 200,
    type: "text/html",
    body: `${request.url} ${request.isSigned} ${request.maySend([FILLER])} ${await request.body(5)}`,
  });
  const others = [{ method: "GET", path: "/connections", answer: (request: OtherRequest) => answer(request) }] as const;
  const posts = [{ ...others[0], method: "POST", path: "/ingest/*" }] as const;
  const gateway = await openGateway(store, { others: [...others, ...posts] });
  onTestFinished(async () => {
    await gateway.close();
    await close();
  });
  const page = await fetch(`${gateway.url}/connections?all`);
  expect(await page.text()).toBe("/connections?all false true ");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; style-src 'unsafe-inline'");
  const post = async (body: string): Promise<string> => {
    // Whatever its type, the body is left to the part.
    const init = { method: "POST", headers: { "content-type": "text/xml" }, body };
    return (await fetch(`${gateway.url}/ingest/x`, init)).text();
  };
  expect(await post("<a/>")).toBe("/ingest/x false true <a/>");
  expect(await post("<aaa/>")).toBe("/ingest/x false true null");
  answer = () => Promise.resolve({ status: 503, type: "text/plain", body: "busy" });
  const busy = await fetch(`${gateway.url}/connections`);
  expect([busy.status, busy.headers.get("retry-after"), await busy.text()]).toEqual([503, "1", "busy"]);
});
