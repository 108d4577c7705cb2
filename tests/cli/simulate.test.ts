/** `oee simulate`: events that `oee replay` takes, the same for the same seed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { folderWith, OEE, oee, PLANT } from "./oee.ts";

const SPAN = ["simulate", "--from", "2026-03-02T05:00:00Z", "--for", "2h"];

describe("oee simulate", () => {
  it("gives the same events for the same seed, others for another", () => {
    const file = folderWith({ "plant.yaml": PLANT });
    const events = (seed: string): string => oee([...SPAN, "--plant", file("plant.yaml"), "--seed", seed]).stdout;
    const first = events("a");
    expect(first.split("\n").length).toBeGreaterThan(100);
    expect(events("a")).toBe(first);
    expect(events("b")).not.toBe(first);
  });

  it("simulates the demo plant where none is given, into a file, compressed by its name", () => {
    const file = folderWith({});
    const plain = oee([...SPAN, "--output", file("e.ndjson")]);
    const compressed = oee([...SPAN, "--output", file("e.ndjson.gz")]);
    expect([plain, compressed]).toMatchObject([
      { status: 0, stdout: "", stderr: "" },
      { status: 0, stdout: "", stderr: "" },
    ]);
    expect(gunzipSync(readFileSync(file("e.ndjson.gz"))).equals(readFileSync(file("e.ndjson")))).toBe(true);
  });

  it("disturbed events give the KPIs of the undisturbed: repeats are ignored, broken lines refused", () => {
    const file = folderWith({ "plant.yaml": PLANT });
    const plant = ["--plant", file("plant.yaml")];
    const disturbances = ["--late", "0.1", "--doubled", "0.1", "--reordered", "0.1", "--malformed", "0.02"];
    oee([...SPAN, ...plant, "--output", file("calm.ndjson")]);
    oee([...SPAN, ...plant, ...disturbances, "--output", file("rough.ndjson")]);
    const kpis = (name: string) => oee(["replay", ...plant, "--events", file(name), "--format", "json"]);
    const [calm, rough] = [kpis("calm.ndjson"), kpis("rough.ndjson")];
    expect(calm.status).toBe(0);
    expect(rough).toMatchObject({ status: 0, stdout: calm.stdout });
    expect(calm.stderr).not.toMatch(/ignored|refused/);
    expect(rough.stderr).toMatch(/^ignored \d+ repeats/m);
    expect(rough.stderr).toMatch(/^refused \d+: /m);
  });

  it("without a span it goes on until it is interrupted, and then exits with 0", async () => {
    const running = spawn(process.execPath, [OEE, "simulate", "--speed", "1000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface(running.stdout)) {
      expect(JSON.parse(line)).toHaveProperty("machine");
      break;
    }
    running.stdout.resume();
    const ended = once(running, "exit");
    running.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    [["--for", "2h"], /--from/],
    [["--to", "2026-03-02T05:00:00Z"], /--from/],
    [["--from", "2026-03-02T05:00:00Z", "--to", "2026-03-02T05:00:00Z"], /--to is not after --from/],
    [["--to", "2026-03-02T05:00:00Z", "--for", "2h"], /cannot be used with/],
    [["--for", "0"], /duration above 0/],
    [["--speed", "-1"], /number above 0/],
    [["--late", "2"], /number from 0 to 1/],
    [["--count-every", "1500ms"], /whole number of seconds/],
  ])("usage error: %j", (args, message) => {
    const { status, stdout, stderr } = oee(["simulate", ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("a file that cannot be written is an error", () => {
    const { status, stderr } = oee([...SPAN, "--output", "/nowhere/e.ndjson"]);
    expect(status).toBe(1);
    expect(stderr).toBe("oee: cannot write /nowhere/e.ndjson: no such file or directory\n");
  });
});
