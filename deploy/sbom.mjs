/**
 * `npm run sbom`: sbom.cdx.json, the list of what is shipped (CycloneDX). `npm sbom --omit dev` leaves out whatever this repository
 * uses for its development too, such as what tests and services share; this leaves out what nothing but development uses.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const DEVELOPMENT = "cdx:npm:package:development";

const { status, stdout, stderr } = spawnSync("npm", ["sbom", "--sbom-format", "cyclonedx"], {
  encoding: "utf8",
  maxBuffer: 1 << 28,
});
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(1);
}
const { metadata, components, dependencies, ...all } = JSON.parse(stdout);
const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
const isTool = ({ properties }) => properties.some((property) => property.name === DEVELOPMENT);
const tools = new Set(components.filter(isTool).map((component) => component["bom-ref"]));
const list = {
  ...all,
  metadata: { ...metadata, component: { ...metadata.component, name, version } },
  components: components.filter((component) => !isTool(component)),
  dependencies: dependencies
    .filter(({ ref }) => !tools.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => !tools.has(other)) })),
};
writeFileSync("sbom.cdx.json", `${JSON.stringify(list, null, 2)}\n`);
