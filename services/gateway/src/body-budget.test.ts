import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { BodyBudget } from "./body-budget.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("bodies count from their first byte until they are released", async () => {
  const budget = new BodyBudget(100);
  const payload = new PassThrough();
  const { pieces, release } = budget.receive(payload, 50);
  payload.end(Buffer.alloc(40));
  expect(Buffer.concat(await pieces)).toHaveLength(40);
  expect(budget.bytes).toBe(40);
  release();
  release();
  expect(budget.bytes).toBe(0);
});

test("where the budget is exceeded, the largest body that is being received is refused, and a small one gets through", async () => {
  const budget = new BodyBudget(100);
  const [large, small] = [new PassThrough(), new PassThrough()];
  const slow = budget.receive(large, 90);
  const refused = expect(slow.pieces).rejects.toMatchObject({ code: "OEE_HTTP_BUSY" });
  large.write(Buffer.alloc(80));
  await turn();
  const quick = budget.receive(small, 90);
  // 80 + 30 bytes are more than 100.
  small.end(Buffer.alloc(30));
  expect(Buffer.concat(await quick.pieces)).toHaveLength(30);
  await refused;
  expect(budget.bytes).toBe(30);
});

test("a body over its limit, and one that breaks off, are refused and do not count any more", async () => {
  const budget = new BodyBudget(100);
  const [large, broken] = [new PassThrough(), new PassThrough()];
  const tooLarge = expect(budget.receive(large, 10).pieces).rejects.toMatchObject({
    code: "FST_ERR_CTP_BODY_TOO_LARGE",
  });
  large.write(Buffer.alloc(11));
  await tooLarge;
  const brokenOff = expect(budget.receive(broken, 10).pieces).rejects.toThrow("the body broke off after 4 bytes");
  broken.write(Buffer.alloc(4));
  await turn();
  broken.destroy();
  await brokenOff;
  expect(budget.bytes).toBe(0);
});
