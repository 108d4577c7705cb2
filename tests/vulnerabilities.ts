/**
 * `npm run check:vulnerabilities`: fails on a known vulnerability of what is shipped (no development tools). Where the registry does
 * not answer such questions, as mirrors do not, it says that nothing was checked; with OEE_AUDIT_REQUIRED=1, as in a release, that
 * fails too.
 */
import { spawnSync } from "node:child_process";

interface Found {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly name: string; readonly severity: string; readonly range: string }>
  >;
  readonly message?: string;
}

const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { encoding: "utf8", maxBuffer: 1 << 26 });
const found = read(stdout);
if (found?.vulnerabilities === undefined) {
  process.stderr.write(
    `NOT CHECKED for known vulnerabilities: ${found?.message ?? "npm audit gave no answer"}. Ask a registry that answers: npm audit --omit=dev\n`,
  );
  process.exitCode = process.env["OEE_AUDIT_REQUIRED"] === "1" ? 1 : 0;
} else {
  const all = Object.values(found.vulnerabilities);
  for (const { name, severity, range } of all) process.stderr.write(`${name} ${range}: ${severity}\n`);
  if (all.length > 0) process.exitCode = 1;
}

function read(text: string): Found | null {
  try {
    return JSON.parse(text) as Found;
  } catch {
    return null;
  }
}
