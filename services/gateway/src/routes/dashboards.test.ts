import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openTestStore, startGateway } from "../../test/gateway-fixture.ts";

test("dashboards: one page for all addresses of a kind, assets cached for ever, and no other file", async () => {
  const { store, close } = await openTestStore();
  const dashboards = await mkdtemp(join(tmpdir(), "oee-dashboards-"));
  await mkdir(join(dashboards, "assets"));
  for (const page of ["index.html", "review.html", "reasons.html"]) {
    await writeFile(join(dashboards, page), `<!doctype html><title>${page}</title>`);
  }
  await writeFile(join(dashboards, "assets", "main-abc123.js"), "void 0;");
  await writeFile(join(dashboards, "secret.txt"), "not served");
  const gateway = await startGateway(store, { dashboards });
  onTestFinished(async () => {
    await gateway.close();
    await close();
    await rm(dashboards, { recursive: true, force: true });
  });
  const get = (path: string) => fetch(gateway.url + path, { redirect: "manual" });
  const root = await get("/");
  expect([root.status, root.headers.get("location")]).toEqual([302, "/wall"]);
  for (const [path, file] of [
    ["/wall", "index.html"],
    ["/wall/berlin/packing/l1", "index.html"],
    ["/wall/*", "index.html"],
    ["/review", "review.html"],
    ["/review/stops/*?period=7d", "review.html"],
    ["/reasons", "reasons.html"],
    ["/reasons/berlin/packing/l1", "reasons.html"],
  ] as const) {
    const page = await get(path);
    expect([path, page.status, await page.text()]).toEqual([path, 200, `<!doctype html><title>${file}</title>`]);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-src 'self';");
    expect(policy).toContain(`ws://${new URL(gateway.url).host}`);
    expect(page.headers.get("cache-control")).toBe("no-cache");
  }
  const asset = await get("/assets/main-abc123.js");
  expect([asset.status, asset.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
  expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await get("/secret.txt")).status).toBe(404);
  expect((await get("/assets/../secret.txt")).status).toBe(404);
  expect((await get("/assets/%2e%2e/secret.txt")).status).toBe(404);
});
