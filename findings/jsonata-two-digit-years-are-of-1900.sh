#!/usr/bin/env bash
# jsonata 2.2.2: a year of two digits is one of the last century, and a day that no calendar has is the one after it.
#
# Versions: jsonata 2.2.2.
# Behaviour: controllers and labels often have years of two digits. `$toMillis` with [Y01] reads 26 as 1926, though `$fromMillis` with the
#   same picture writes 2026 as 26, so that what one writes the other reads a century early. Days, months and hours that there are
#   not, as a controller has them whose clock was never set, count on into the next: 31.02. is 3 March, 25:61 is 02:01 of the day after.
#   Nothing is raised. With "20" put before the text and [Y0001] the year is right.
# Output seen: written 26-11-28, read 1926-11-28; 31.02.2026 is 2026-03-03; 28.11.2026 25:61 is 2026-11-29 02:01; "20" & text: 2026-11-28
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts jsonata@2.2.2 > /dev/null
cat > dates.js <<'JS'
import jsonata from "jsonata";

const instant = async (expression, text) => new Date(await jsonata(expression).evaluate({ text })).toISOString().slice(0, 16);
const written = await jsonata('$fromMillis(1795860000000, "[Y01]-[M01]-[D01]")').evaluate({});
console.log(`${written} is read as ${await instant('$toMillis(text, "[Y01]-[M01]-[D01]")', written)}`);
console.log(`with "20" before it as ${await instant('$toMillis("20" & text, "[Y0001]-[M01]-[D01]")', written)}`);
for (const text of ["31.02.2026 10:00", "28.11.2026 25:61"]) {
  console.log(`${text} is read as ${await instant('$toMillis(text, "[D01].[M01].[Y0001] [H01]:[m01]")', text)}`);
}
JS
node dates.js | tee seen
diff seen - <<'EXPECTED'
26-11-28 is read as 1926-11-28T00:00
with "20" before it as 2026-11-28T00:00
31.02.2026 10:00 is read as 2026-03-03T10:00
28.11.2026 25:61 is read as 2026-11-29T02:01
EXPECTED
