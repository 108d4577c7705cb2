/**
 * The memory of a connector does not grow with the number of values that went through it. OEE_CONNECT_MEMORY_SECONDS says how many
 * seconds of ten machines are played, as fast as they are taken (1,200; 604,800 are a week).
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SECONDS = Number(process.env["OEE_CONNECT_MEMORY_SECONDS"] ?? 1_200);
const MACHINES = 10;
const GROWTH_BYTES_MAX = 1 << 20;

test(
  `${SECONDS} seconds of ten machines: memory after garbage collection is the same at the end as after a quarter`,
  async () => {
    const script = fileURLToPath(new URL("week.fixture.ts", import.meta.url));
    const options = ["--expose-gc", "--import", "tsx", "-C", "@oee/source", script, String(SECONDS)];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    const { bytes, delivered, refused } = JSON.parse(stdout) as { bytes: number[]; delivered: number; refused: number };
    expect(bytes).toHaveLength(8);
    expect((bytes[7] ?? Infinity) - (bytes[1] ?? 0)).toBeLessThan(GROWTH_BYTES_MAX);
    // A total each second, a state each minute and an order each half hour of each machine.
    const moments = SECONDS + Math.ceil(SECONDS / 60) + Math.ceil(SECONDS / 1800);
    expect(delivered).toBe(MACHINES * moments);
    expect(refused).toBe(Math.ceil(SECONDS / 600));
  },
  600_000 + 30 * SECONDS,
);
