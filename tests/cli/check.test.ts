/** `oee check`: valid and invalid plant files. */
import { describe, expect, it } from "vitest";
import { FILLER, folderWith, ndjson, oee, PLANT } from "./oee.ts";

describe("oee check", () => {
  it("prints what a valid plant file holds", () => {
    const file = folderWith({ "plant.yaml": PLANT });
    const { status, stdout, stderr } = oee(["check", file("plant.yaml")]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/plant\.yaml: acme, 4 machines, version \S+\n$/);
  });

  it("names file, line, column, what was found and what was expected of every problem", () => {
    const wrong = PLANT.replace("Europe/Berlin\nsites", "Europe/Berln\nsites").replace('"06:00"', '"25:00"');
    const file = folderWith({ "plant.yaml": wrong });
    const { status, stdout, stderr } = oee(["check", file("plant.yaml")]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(
      `${file("plant.yaml")}:2:11: timezone: found the unknown time zone "Europe/Berln", expected `,
    );
    expect(stderr).toMatch(/plant\.yaml:28:\d+: calendars\.two-shift.*found .*25:00.*, expected /);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ["an empty file", "", /plant\.yaml:1:1: /],
    ["a list", "- a\n", /plant\.yaml:1:1: /],
    ["broken YAML", "a: [", /plant\.yaml:1:\d+: /],
    ["anchors in a circle", "enterprise: &a\n  b: *a\n", /plant\.yaml:\d+:\d+: /],
    ["what is not UTF-8", Uint8Array.of(0xc3, 0x28), /not UTF-8/],
  ])("%s is refused with a message", (_, content, message) => {
    const file = folderWith({ "plant.yaml": content });
    const { status, stdout, stderr } = oee(["check", file("plant.yaml")]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("checks a connections file against the machines of the plant", () => {
    const connections = (machine: string): string =>
      `connections:\n  press: { protocol: shdr, host: h, machines: { ${machine}: { signals: { s: exec }, state: s } } }\n`;
    const file = folderWith({
      "plant.yaml": PLANT,
      "good.yaml": connections(FILLER),
      "bad.yaml": connections("a/b/c/d"),
    });
    const good = oee(["check", file("good.yaml"), file("plant.yaml")]);
    expect(good).toMatchObject({ status: 0, stderr: "" });
    expect(good.stdout).toMatch(/good\.yaml: 1 connection, 1 machine\n$/);
    const bad = oee(["check", file("plant.yaml"), file("bad.yaml")]);
    expect(bad.status).toBe(1);
    expect(bad.stderr).toMatch(/bad\.yaml:2:\d+: .*a\/b\/c\/d.*expected one of the plant/);
  });

  it("goes on to the next file after one that is missing or refused", () => {
    const file = folderWith({ "good.yaml": PLANT, "bad.yaml": "enterprise: 1" });
    const { status, stdout, stderr } = oee(["check", file("missing.yaml"), file("bad.yaml"), file("good.yaml")]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^\S+good\.yaml: acme/);
    expect(stderr).toMatch(/missing\.yaml: no such file or directory/);
    expect(stderr).toMatch(/bad\.yaml:1:/);
  });

  it("takes a plant of 10,000 machines", () => {
    const machines = Array.from({ length: 10_000 }, (_, i) => `              m${i}: { idealCycleSeconds: 1 }\n`).join(
      "",
    );
    const yaml = `enterprise: big\nsites:\n  s:\n    areas:\n      a:\n        lines:\n          l:\n            machines:\n${machines}`;
    const file = folderWith({ "plant.yaml": yaml });
    expect(oee(["check", file("plant.yaml")])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("10,000 machines"),
    });
  });

  it("without a file is a usage error", () => {
    expect(oee(["check"])).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("oee check --events", () => {
  const events = [
    { type: "state", machine: FILLER, at: "2026-03-02T05:00:00Z", state: "down", reson: "jam" },
    { type: "state", machine: FILLER, at: "2026-03-02T05:01:00Z", state: "down", reson: "jam", to: 7 },
    { type: "count", machine: FILLER, at: "2026-03-02T05:02:00Z", good: 3, order: "7" },
  ];

  it("names each unknown field once, with the number of events that had it; so does replay", () => {
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": ndjson(events) });
    const { status, stdout, stderr } = oee(["check", file("plant.yaml"), "--events", file("e.ndjson")]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const told = stdout.split("\n").slice(1);
    expect(told.filter((line) => / events: |passed over/.test(line))).toEqual([
      `${file("e.ndjson")}: 3 events: 2 state, 1 count`,
      `${file("e.ndjson")}: passed over the field "reson" of 2 state events: it means nothing there`,
      `${file("e.ndjson")}: passed over the field "to" of 1 state event: it means nothing there`,
    ]);
    const replayed = oee(["replay", "--plant", file("plant.yaml"), "--events", file("e.ndjson")]);
    expect(replayed.stderr).toContain('passed over the field "reson" of 2 state events: it means nothing there\n');
  });

  it("CN-2: a total of 16 bits whose machine has no `rolloverAt` is hinted at", () => {
    const plant = PLANT.replace(
      "labeller: { idealCycleSeconds: 1 }",
      "labeller: { idealCycleSeconds: 1, rolloverAt: 65536 }",
    );
    const machine = (name: string): string =>
      `berlin/packing/l1/${name}: { signals: { n: { holding: 1 }, wide: { holding: 2, as: uint32 } }, totals: { good: n, scrap: wide } }`;
    const file = folderWith({
      "plant.yaml": plant,
      "c.yaml": `connections: { press: { protocol: modbus, host: h, machines: { ${machine("filler")}, ${machine("labeller")} } } }`,
    });
    const { status, stdout } = oee(["check", file("plant.yaml"), file("c.yaml")]);
    expect(status).toBe(0);
    expect(stdout.split("\n").filter((line) => line.includes("starts again"))).toEqual([
      expect.stringMatching(/hint: berlin\/packing\/l1\/filler: the total n starts again at 0 after 65535/),
    ]);
  });

  it("CN-2: a total that is read with a sign, and would fall below 0, is hinted at with what to write", () => {
    const signals =
      "a: { holding: 1, as: int16 }, b: { holding: 2, as: int32 }, c: { holding: 4, as: uint32 }, d: { holding: 6, as: int16 }";
    const file = folderWith({
      "plant.yaml": PLANT,
      "c.yaml": `connections: { press: { protocol: modbus, host: h, machines: { berlin/packing/l1/filler: {
        signals: { ${signals} }, totals: { good: a, scrap: b, rework: c }, product: d } } } }`,
    });
    const { status, stdout } = oee(["check", file("plant.yaml"), file("c.yaml")]);
    expect(status).toBe(0);
    expect(stdout.split("\n").filter((line) => line.includes("below 0"))).toEqual([
      expect.stringMatching(
        /hint: berlin\/packing\/l1\/filler: the total a falls below 0 after 32767, .*: write as: uint16$/,
      ),
      expect.stringMatching(
        /hint: berlin\/packing\/l1\/filler: the total b falls below 0 after 2147483647, .*: write as: uint32$/,
      ),
    ]);
  });

  it("CN-8: hints of the plant file and doubted totals of the sample are printed, and leave the exit code 0", () => {
    const plant = PLANT.replace(
      "labeller: { idealCycleSeconds: 1 }",
      "labeller: { idealCycleSeconds: 1, maxRatePerHour: 60 }",
    );
    const totals = [2000, 2001, 9000, 2002].map((good, i) => ({
      type: "count",
      machine: "berlin/packing/l1/labeller",
      at: `2026-03-02T05:0${i}:00Z`,
      total: { good },
    }));
    const file = folderWith({ "plant.yaml": plant, "e.ndjson": ndjson(totals) });
    const { status, stdout, stderr } = oee(["check", file("plant.yaml"), "--events", file("e.ndjson")]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(
      "plant.yaml: hint: berlin/packing/l1/labeller: maxRatePerHour 60 is below the ideal 3,600 an hour",
    );
    expect(stdout).toContain("e.ndjson: berlin/packing/l1/labeller: 1 total doubted: ");
  });

  it("refused events are printed, and make the exit code 1", () => {
    const wrong = [...events, { type: "state", machine: "berlin/x/y/z", at: 0, state: "down" }];
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": ndjson(wrong) });
    const { status, stdout, stderr } = oee(["check", file("plant.yaml"), "--events", file("e.ndjson")]);
    expect(status).toBe(1);
    expect(stdout).toContain("3 events: 2 state, 1 count");
    expect(stderr).toMatch(/e\.ndjson:4: invalid: at/);
    expect(stderr).toMatch(/e\.ndjson: refused 1 event: 1 invalid\n$/);
  });
});
