/**
 * `npm run bundle`: services/oee/bundle, what the command `oee` runs: our sources and the packages they use, put together in few files,
 * because a process that starts would else open two thousand (docs/decisions/bundle.md). What a command alone needs is in files of its own.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";

const FOLDER = resolve("services/oee/bundle");

/**
 * Loaded from node_modules: what has native parts; kafkajs, whose insides are changed where they are required; OPC UA, which looks for
 * packages as it runs; and packages that are no ES modules and loaded when they are needed, for a file of the bundle that is loaded so
 * would have no name of theirs.
 */
const APART = [
  ...["chdb", "lmdb", "@node-rs/*", "@mongodb-js/zstd", "lz4-napi", "snappy", "kafkajs", "node-opcua-*"],
  "@zxcvbn-ts/*",
];

/** Packages that are no ES modules call `require` for what is Node's own or stays apart. */
const BANNER = `import { createRequire as oeeRequire } from "node:module";
const require = oeeRequire(import.meta.url);
const oeePath = (...path) => require("node:path").resolve(import.meta.dirname, "..", ...path);`;

/** A package that finds files beside its own is told where these are, from where the bundle is. */
const whereItWas = {
  name: "where it was",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/.*\.c?js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!/\b__(?:dirname|filename)\b/.test(text)) return null;
      const place = JSON.stringify(relative(dirname(FOLDER), path).replaceAll("\\", "/"));
      return {
        contents: `const __filename = oeePath(${place}), __dirname = oeePath(${place}, "..");${text}`,
        loader: "js",
      };
    });
  },
};

/**
 * Our constants, whose names are capitals, as constants again: esbuild makes variables of them, whose value V8 reads and checks at each
 * use, where it would put a constant's value in its place (docs/decisions/bundle.md).
 */
function withConstants(text) {
  let isOurs = false;
  return text.replace(/^(?:\/\/ (\S+)|var (?=[A-Z][A-Z\d_]* = .))/gm, (found, source) => {
    if (source === undefined) return isOurs ? "const " : found;
    isOurs = /^(?:packages|services)\//.test(source);
    return found;
  });
}

const { metafile } = await build({
  entryPoints: ["services/oee/src/main.ts", "services/oee/src/plant-reader/plant-thread.ts"],
  entryNames: "[name]",
  outdir: FOLDER,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  conditions: ["@oee/source"],
  external: APART,
  plugins: [whereItWas],
  banner: { js: BANNER },
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
});

for (const [from, { imports }] of Object.entries(metafile.inputs)) {
  for (const { path, kind } of imports) {
    if (kind !== "dynamic-import" || metafile.inputs[path]?.format !== "cjs") continue;
    throw new Error(`${from} loads ${path}, which is no ES module, by import(): it has to be loaded apart`);
  }
}

// Names have a digest of what is in a file: those of earlier builds would stay.
const made = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
for (const file of readdirSync(FOLDER)) {
  const path = join(FOLDER, file);
  if (!made.has(file)) rmSync(path);
  else if (file.endsWith(".js")) writeFileSync(path, withConstants(readFileSync(path, "utf8")));
}
