/** The list of what is shipped, which the build makes (`npm run sbom`), against package-lock.json, and the npm that makes it. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { cached } from "./support/cached.ts";
import { lockedPackages } from "./support/shipped.ts";

interface Bom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly { readonly name: string; readonly version: string }[];
}

test("the build makes a CycloneDX list of every package that is shipped, and of no tool of development", () => {
  const read = (path: string): unknown =>
    JSON.parse(readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8"));
  const { scripts } = read("package.json") as { readonly scripts: Readonly<Record<string, string>> };
  expect(scripts["build"]).toContain("npm run sbom");
  const { bomFormat, metadata, components } = read("sbom.cdx.json") as Bom;
  expect([bomFormat, metadata.component.name]).toEqual(["CycloneDX", "open-oee"]);
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const { shipped, tools } = lockedPackages();
  expect(shipped.size).toBeGreaterThan(100);
  expect([...shipped].filter((one) => !listed.has(one))).toEqual([]);
  expect([...tools].filter((one) => listed.has(one))).toEqual([]);
});

test("the npm of Node 20 installs what package-lock.json says, and finds nothing in it that does not fit", async () => {
  const npm = async (...args: readonly string[]): Promise<string> => {
    const program = cached("npm-10.8.2/node_modules/npm/bin/npm-cli.js");
    const root = fileURLToPath(new URL("..", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: root,
      maxBuffer: 1 << 28,
    });
    return stdout;
  };
  expect(await npm("--version")).toBe("10.8.2\n");
  // They fail where a package is not of a version that another one asks for, or asks for another Node.
  await npm("ci", "--dry-run", "--engine-strict", "--ignore-scripts", "--no-audit", "--no-fund");
  await npm("sbom", "--sbom-format", "cyclonedx");
});
