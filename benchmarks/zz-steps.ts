import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceStack } from "../services/oee/src/output/source-stack.ts";
const folder = process.argv[2] as string; const top = Number(process.argv[3] ?? 80); const root = process.argv[4] || undefined; const lo = Number(process.argv[5] ?? 0) * 1e6, hi = Number(process.argv[6] ?? 1e9) * 1e6; let clock = 0;
const file = readdirSync(folder).filter((n) => n.endsWith(".cpuprofile")).sort().at(-1) as string;
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), "utf8"));
const byId = new Map<number, any>(nodes.map((n: any) => [n.id, n]));
const parents = new Map<number, number>(nodes.flatMap((n: any) => (n.children ?? []).map((c: number) => [c, n.id])));
const nameOf = new Map<number, string>();
const name = (id: number): string => { let s = nameOf.get(id); if (s === undefined) { const f = byId.get(id).callFrame; s = f.url ? sourceStack(`${f.functionName} ${f.url}:${f.lineNumber + 1}:${f.columnNumber + 1}`).replace(/.*?(\S+) \S*\/((?:[^/]+\/){0,3}[^/]+)$/, "$1 $2") : f.functionName; nameOf.set(id, s); } return s; };
const self = new Map<string, number>(), incl = new Map<string, number>(); let busy = 0;
for (const [i, id] of samples.entries()) { const d = timeDeltas[i] ?? 0; clock += d; if (clock < lo || clock > hi) continue; const n = name(id); if (n === "(idle)") continue; busy += d; self.set(n, (self.get(n) ?? 0) + d); const seen = new Set<string>(); for (let p: number | undefined = id; p !== undefined; p = parents.get(p)) { const m = name(p); if (!seen.has(m)) { seen.add(m); incl.set(m, (incl.get(m) ?? 0) + d); } } }
console.log("busy", (busy / 1e3) | 0, "ms");
const pr = (m: Map<string, number>, t: string) => { console.log("--", t); for (const [k, v] of [...m].sort((a, b) => b[1] - a[1]).slice(0, top)) console.log(((v / busy) * 100).toFixed(1).padStart(5), ((v / 1e3) | 0).toString().padStart(6), k); };
if (root === undefined) { pr(self, "self"); pr(incl, "inclusive"); } else {
  // tree below a function
  const kids = new Map<string, number>();
  for (const [i, id] of samples.entries()) { const d = timeDeltas[i] ?? 0; const path: string[] = []; for (let p: number | undefined = id; p !== undefined; p = parents.get(p)) path.push(name(p)); const at = path.findIndex((s) => s.startsWith(root)); if (at < 0) continue; const key = path.slice(Math.max(0, at - 3), at + 1).reverse().join(" > "); kids.set(key, (kids.get(key) ?? 0) + d); }
  pr(kids, root);
}
