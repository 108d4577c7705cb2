/**
 * Makes `packages/model/src/zones/shipped.ts` from a folder of TZif files, such as `tzdata/zoneinfo` of PyPI's package:
 *
 *     npx tsx -C @oee/source tests/zones/ship.ts FOLDER
 *
 * Pin the same release in `tests/prepare.sh`: `shipped.test.ts` compares the two.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encodeZones } from "@oee/model";
import { releaseOf, rulesInFolder } from "../../services/oee/src/zone-folder.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a folder of TZif files");
const text = encodeZones(releaseOf(folder), rulesInFolder(folder));
writeFileSync(
  fileURLToPath(new URL("../../packages/model/src/zones/shipped.ts", import.meta.url)),
  `/** IANA's time zones since 1970 as \`encodeZones\` writes them; public domain. Made by tests/zones/ship.ts: not to be edited. */\nexport const SHIPPED: string = \`${text}\`;\n`,
);
