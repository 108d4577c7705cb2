/** The list of what is shipped, which the build makes (`npm run sbom`), against package-lock.json. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
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
