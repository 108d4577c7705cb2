/** `oee replay` on a small plant: its answers, their order, and its errors about wrong questions. */
import { readFileSync } from "node:fs";
import { COMPONENT_NAMES, KPI_NAMES, publicNameOf } from "@oee/model";
import { describe, expect, it } from "vitest";
import { EVENTS, FILLER, folderWith, ndjson, oee, PLANT, type Run } from "./oee.ts";

interface ResultElement {
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly product: string | null;
  readonly shift: string | null;
  readonly shiftDate: string | null;
  readonly components: Readonly<Record<string, number>>;
  readonly kpis: Readonly<Record<string, number | null>>;
}

function replay(args: readonly string[], events: readonly object[] = EVENTS, plant: string = PLANT): Run {
  const file = folderWith({ "plant.yaml": plant, "events.ndjson": ndjson(events) });
  return oee(["replay", "--plant", file("plant.yaml"), "--events", file("events.ndjson"), ...args]);
}

function elements(args: readonly string[], events?: readonly object[]): readonly ResultElement[] {
  const { status, stdout, stderr } = replay([...args, "--format", "json"], events);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return JSON.parse(stdout);
}

const SHAPE = {
  scope: "s",
  from: "i",
  to: "i",
  product: null,
  shift: null,
  shiftDate: null,
  crew: null,
  components: [
    ..."runTime minorStopTime unplannedStopTime setupTime plannedStopTime notPlannedTime unknownTime failureTime".split(
      " ",
    ),
    ..."goodCount scrapCount reworkCount idealTime idealGoodTime startupLossTime".split(" "),
    ..."failureCount repairCount repairTime stopCount minorStopCount".split(" "),
  ],
  kpis: [
    ..."availability performance quality oee nee teep loading mttr mtbf unplannedDowntimeShare downtimeFrequency".split(
      " ",
    ),
    ..."meanStopDuration scrapRatio reworkRatio firstPassYield throughput coverage targetCount downtimeCost".split(" "),
  ],
};

describe("oee replay --format json", () => {
  it("prints elements with the keys of the contract, in its order, and instants with milliseconds", () => {
    const [first] = elements(["--from", "2026-03-02T05:00Z", "--to", "2026-03-02T13:00:00.5+00:00"]);
    if (first === undefined) throw new Error("no element");
    expect(Object.keys(first)).toEqual(Object.keys(SHAPE));
    expect(Object.keys(first.components)).toEqual(COMPONENT_NAMES.map(publicNameOf));
    expect(Object.keys(first.kpis)).toEqual(KPI_NAMES);
    // Released components keep their names and order.
    expect(Object.keys(first.components).filter((name) => SHAPE.components.includes(name))).toEqual(SHAPE.components);
    expect(Object.keys(first.kpis).filter((name) => SHAPE.kpis.includes(name))).toEqual(SHAPE.kpis);
    expect(first).toMatchObject({ from: "2026-03-02T05:00:00.000Z", to: "2026-03-02T13:00:00.500Z", product: null });
  });

  it("answers by machine from the oldest event to 1 ms after the newest, corrections aside", () => {
    const found = elements([]);
    expect(found.map(({ scope }) => scope)).toEqual([
      "albany/hall/l1/press",
      FILLER,
      "berlin/packing/l1/labeller",
      "berlin/packing/l2/filler",
    ]);
    for (const { from, to } of found) {
      expect({ from, to }).toEqual({ from: "2026-03-02T05:00:00.000Z", to: "2026-03-02T16:00:00.001Z" });
    }
  });

  it("takes --to for now when it lies after the newest event, with the time that is planned until then", () => {
    const [, filler] = elements(["--to", "2026-03-02T21:00:00Z"]);
    // 06:00 to 22:00 in Berlin, less half an hour down and two minutes idle.
    expect(filler).toMatchObject({
      to: "2026-03-02T21:00:00.000Z",
      components: { runTime: 55_680_000, minorStopTime: 120_000, unplannedStopTime: 1_800_000, notPlannedTime: 0 },
    });
  });

  it("CO-2: cuts the period at --at, and leaves out events from that instant on", () => {
    const [, filler] = elements(["--to", "2026-03-03T05:00:00Z", "--at", "2026-03-02T07:10:00Z"]);
    expect(filler).toMatchObject({
      to: "2026-03-02T07:10:00.000Z",
      components: { runTime: 7_200_000, unplannedStopTime: 600_000, goodCount: 900, failureCount: 1, repairCount: 0 },
    });
  });

  it("TL-7: applies corrections, and prints how many it read", () => {
    expect(replay([]).stderr).toMatch(/^read 13 events .*: 7 state, 4 count, 1 job, 1 correction$/m);
    const [, filler] = elements([]);
    expect(filler?.components).toMatchObject({ failureCount: 1, failureTime: 1_800_000 });
  });

  it("EQ-3: sums lines, areas, sites and the enterprise of their rated machines", () => {
    const by = (level: string): string[] => elements(["--by", level]).map(({ scope }) => scope);
    expect(by("line")).toEqual(["albany/hall/l1", "berlin/packing/l1", "berlin/packing/l2"]);
    expect(by("area")).toEqual(["albany/hall", "berlin/packing"]);
    expect(by("site")).toEqual(["albany", "berlin"]);
    expect(by("enterprise")).toEqual(["*"]);
    const [enterprise] = elements(["--by", "enterprise"]);
    // The press is not rated, the three others are.
    expect(
      Object.values(enterprise?.components ?? {})
        .slice(0, 7)
        .reduce((sum, ms) => sum + ms),
    ).toBe(3 * 39_600_001);
  });

  it("answers about one scope, of any level", () => {
    const under: Readonly<Record<string, readonly string[]>> = {
      "berlin/packing/l1": [FILLER, "berlin/packing/l1/labeller"],
      "albany/hall": ["albany/hall/l1/press"],
      [FILLER]: [FILLER],
    };
    for (const [scope, machines] of Object.entries(under)) {
      expect(elements(["--scope", scope]).map(({ scope: found }) => found)).toEqual(machines);
    }
    expect(elements(["--scope", "*"])).toHaveLength(4);
  });

  it("--by product: one per machine and product that was in force, none first", () => {
    const found = elements(["--by", "product", "--scope", "berlin/packing/l1"]);
    expect(found.map(({ scope, product }) => [scope, product])).toEqual([
      [FILLER, null],
      [FILLER, "cola"],
      ["berlin/packing/l1/labeller", null],
    ]);
    expect(found[0]?.components).toMatchObject({ runTime: 3_600_000, goodCount: 0 });
    expect(found[1]?.components).toMatchObject({ goodCount: 4900, scrapCount: 40, startupLossTime: 15_000 });
  });

  it("PE-2: --every hour counts from local midnight, cut to the period", () => {
    const found = elements([
      "--every",
      "hour",
      "--scope",
      FILLER,
      "--from",
      "2026-03-02T05:30Z",
      "--to",
      "2026-03-02T08:00Z",
    ]);
    expect(found.map(({ from, to }) => `${from.slice(11, 16)}-${to.slice(11, 16)}`)).toEqual([
      "05:30-06:00",
      "06:00-07:00",
      "07:00-08:00",
    ]);
    expect(found.map(({ components }) => components["runTime"])).toEqual([1_800_000, 3_600_000, 1_800_000]);
  });

  it("--every minute, over weeks, adds up to the whole and comes in order", () => {
    const period = ["--scope", FILLER, "--from", "2026-02-15T00:00:30Z", "--to", "2026-03-20T00:00:15Z"];
    const minutes = elements([...period, "--every", "minute"]);
    expect(minutes).toHaveLength(33 * 1440 + 1);
    const [whole] = elements(period);
    for (const name of ["runTime", "unplannedStopTime", "notPlannedTime", "unknownTime", "goodCount", "stopCount"]) {
      expect(minutes.reduce((sum, { components }) => sum + (components[name] ?? 0), 0)).toBe(whole?.components[name]);
    }
    expect(minutes.every(({ from }, i) => i === 0 || from === minutes[i - 1]?.to)).toBe(true);
  });

  it("--every shift names shift and date and leaves out time between shifts", () => {
    const found = elements([
      "--every",
      "shift",
      "--from",
      "2026-03-01T23:00Z",
      "--to",
      "2026-03-03T06:00Z",
      "--scope",
      "berlin",
    ]);
    expect(
      found.slice(0, 3).map(({ scope, from, to, shift, shiftDate }) => [scope, from, to, shift, shiftDate]),
    ).toEqual([
      [FILLER, "2026-03-02T05:00:00.000Z", "2026-03-02T13:00:00.000Z", "early", "2026-03-02"],
      [FILLER, "2026-03-02T13:00:00.000Z", "2026-03-02T21:00:00.000Z", "late", "2026-03-02"],
      [FILLER, "2026-03-03T05:00:00.000Z", "2026-03-03T06:00:00.000Z", "early", "2026-03-03"],
    ]);
    expect(found).toHaveLength(9);
  });

  it("--every shift answers nothing for a machine without shifts", () => {
    expect(elements(["--every", "shift", "--scope", "albany"])).toEqual([]);
  });

  it("orders texts by code points, which is not the order of UTF-16", () => {
    const job = (product: string, minute: number) => ({
      ...{ type: "job", machine: FILLER, at: `2026-03-02T12:0${minute}:00Z`, product },
    });
    const events = [...EVENTS, job("\u{1f964}", 1), job("\uff5e", 2), job("Z", 3), job("a", 4)];
    const found = elements(["--by", "product", "--every", "shift", "--scope", FILLER], events);
    expect(found.map(({ shift, product }) => [shift, product])).toEqual([
      ["early", null],
      ...["Z", "a", "cola", "\uff5e", "\u{1f964}"].map((product) => ["early", product]),
      ["late", "a"],
    ]);
  });

  it("--every day is local to each scope's site", () => {
    const found = elements(["--every", "day", "--from", "2026-03-02T00:00Z", "--to", "2026-03-03T00:00Z"]);
    const startsOf = (scope: string) =>
      found.filter((element) => element.scope === scope).map(({ from }) => from.slice(5, 16));
    expect(startsOf(FILLER)).toEqual(["03-02T00:00", "03-02T23:00"]);
    expect(startsOf("albany/hall/l1/press")).toEqual(["03-02T00:00", "03-02T05:00"]);
  });
});

describe("oee replay --stops", () => {
  it("ST-5: lists segments, not cut to the period, by machine and time, with the keys of the API", () => {
    const { stdout } = replay(["--stops", "--format", "json", "--from", "2026-03-02T07:10Z", "--scope", "berlin"]);
    expect(JSON.parse(stdout)).toEqual([
      {
        machine: FILLER,
        stop: `${FILLER}@2026-03-02T07:00:00.000Z`,
        from: "2026-03-02T07:00:00.000Z",
        to: "2026-03-02T07:30:00.000Z",
        state: "down",
        reason: "jam",
        category: "unplannedStop",
        failure: true,
        minor: false,
        duration: 1_800_000,
        scheduledDuration: 1_800_000,
        open: false,
        shift: "early",
        shiftDate: "2026-03-02",
        crew: null,
        product: "cola",
        correctedBy: "anna",
      },
      {
        machine: FILLER,
        stop: `${FILLER}@2026-03-02T14:00:00.000Z`,
        from: "2026-03-02T14:00:00.000Z",
        to: "2026-03-02T14:02:00.000Z",
        state: "idle",
        reason: null,
        category: "unplannedStop",
        failure: false,
        minor: true,
        duration: 120_000,
        scheduledDuration: 120_000,
        open: false,
        shift: "late",
        shiftDate: "2026-03-02",
        crew: null,
        product: "cola",
        correctedBy: null,
      },
    ]);
    expect(stdout).toMatch(/^\[\n\{"machine":.*"correctedBy":"anna"\},\n/);
  });

  it("a scope lists the stops of all machines below it, not only of its constraint", () => {
    const plant = PLANT.replace(
      "l1:\n            machines:\n              filler",
      "l1:\n            constraint: labeller\n            machines:\n              filler",
    );
    const { stdout } = replay(["--stops", "--format", "json", "--scope", "berlin/packing/l1"], EVENTS, plant);
    expect(plant).toContain("constraint");
    expect(JSON.parse(stdout)).toMatchObject([{ machine: FILLER }, { machine: FILLER }]);
  });

  it("marks stops that are open now", () => {
    const { stdout } = replay(["--stops", "--format", "json", "--at", "2026-03-02T07:10Z"]);
    expect(JSON.parse(stdout)).toMatchObject([{ to: "2026-03-02T07:10:00.000Z", open: true }]);
  });
});

describe("oee replay: usage errors", () => {
  it.each([
    [["--from", "2026-03-02T05:00Z", "--to", "2026-03-02T05:00Z"], /no length/],
    [["--from", "2026-03-03T05:00Z", "--to", "2026-03-02T05:00Z"], /no length/],
    [["--from", "2026-03-04T00:00Z", "--at", "2026-03-03T00:00Z", "--to", "2026-03-05T00:00Z"], /no length/],
    [["--from", "2027-01-01T00:00Z"], /no length/],
    [["--from", "yesterday"], /--from .*instant such as/],
    [["--to", "2026-03-02"], /--to .*instant such as/],
    [["--at", "2026-02-30T00:00Z"], /--at .*instant such as/],
    [["--scope", "berlin/nowhere"], /no scope "berlin\/nowhere"/],
    [["--scope", ""], /no scope ""/],
    [["--scope", "berlin/packing", "--by", "site"], /--by site is above the scope berlin\/packing/],
    [["--scope", FILLER, "--by", "line"], /--by line is above/],
    [["--by", "factory"], /Allowed choices are machine, line/],
    [["--every", "fortnight"], /Allowed choices are minute, hour/],
    [["--format", "xml"], /Allowed choices are table, json/],
    [["--stops", "--by", "line"], /cannot be used with/],
    [["--stops", "--by", "machine"], /cannot be used with/],
    [["--stops", "--every", "day"], /cannot be used with/],
    [["--scop", "berlin"], /unknown option '--scop'/],
  ])("%j", (args, message) => {
    const { status, stdout, stderr } = replay(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it.each([
    [["replay"], /required option '--plant/],
    [["replay", "--plant", "plant.yaml"], /required option '--events/],
    [["replay", "--plant", "p", "--events", "-", "-"], /standard input \(-\) more than once/],
    [["replya"], /unknown command 'replya'/],
    [["replya", "--help"], /unknown command 'replya'/],
    [["help", "replya"], /unknown command 'replya'/],
    [[], /Usage: oee/],
    [["--verbose"], /unknown option/],
    [["replay", "extra", "--plant", "p", "--events", "e"], /too many arguments/],
  ])("oee %j", (args, message) => {
    const { status, stdout, stderr } = oee(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("corrections alone do not define a period", () => {
    const corrections = EVENTS.slice(-1);
    expect(replay([], corrections)).toMatchObject({ status: 2, stdout: "" });
    expect(elements(["--from", "2026-03-02T05:00Z", "--to", "2026-03-02T06:00Z"], corrections)).toHaveLength(4);
  });
});

describe("oee replay: units", () => {
  const plant = PLANT.replace(
    "press: { idealCycleSeconds: null }",
    "press: { idealCycleSeconds: 12.5, unit: m, decimals: 1 }",
  );
  const press = "albany/hall/l1/press";
  const metres = [
    { type: "state", machine: press, at: "2026-03-02T05:00:00Z", state: "running" },
    { type: "count", machine: press, at: "2026-03-02T06:00:00Z", good: 1234.56, rework: 0.25 },
  ];
  const table = (...args: readonly string[]): Record<string, string>[] => {
    const file = folderWith({ "plant.yaml": plant, "events.ndjson": ndjson([...EVENTS, ...metres]) });
    const { stdout } = oee(["replay", "--plant", file("plant.yaml"), "--events", file("events.ndjson"), ...args]);
    const [head = [], ...rows] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    return rows.map((row) => Object.fromEntries(row.map((cell, i) => [head[i] ?? "", cell])));
  };

  it("CN-5: the table names units and shows decimals, and names none where all are pieces", () => {
    const machines = table();
    // 1234.56 and 0.25 are rounded to tenths; 5 good and 1 rework are the press's own of `EVENTS`.
    expect(machines.find(({ scope }) => scope === press)).toMatchObject({ good: "1,239.6", rework: "1.3", unit: "m" });
    expect(machines.find(({ scope }) => scope === FILLER)).toMatchObject({ good: "4,900", unit: "pcs" });
    expect(table("--by", "enterprise")).toMatchObject([{ unit: "several" }]);
    expect(table("--scope", FILLER)[0]).not.toHaveProperty("unit");
  });
});

describe("oee --help", () => {
  it("--version prints the version, and the release of its time zones", () => {
    const told = expect.stringMatching(/^\d+\.\d+\.\d+ .*\b20\d\d[a-z]\b.*\n$/);
    expect(oee(["--version"])).toMatchObject({ status: 0, stdout: told });
  });

  const commands =
    "start worker gateway simulate replay review check connect topics verify recompute export import dead-letters migrate";
  it.each([
    [["--help"]],
    ...commands.split(" ").map((command): [string[]] => [[command, "--help"]]),
    [["help", "replay"]],
  ])("%j is the answer asked for", (args) => {
    const { status, stdout, stderr } = oee(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: oee/);
  });
});

describe("oee replay: what becomes of events", () => {
  it("CN-4: ignores repeats, and prints their number", () => {
    const counted = { type: "count", machine: FILLER, at: "2026-03-02T10:00:00Z", good: 100, id: "c1" };
    const { stdout, stderr } = replay(["--format", "json", "--scope", FILLER], [...EVENTS, counted, counted]);
    expect(JSON.parse(stdout)).toMatchObject([{ components: { goodCount: 5000 } }]);
    expect(stderr).toMatch(/^ignored 1 repeat\b/m);
  });

  it("DI-2: goes on after refused events, prints their number by code, and writes them to a file", () => {
    const lines = [
      ndjson(EVENTS),
      "{broken\n",
      "   \r\n\n",
      "[1]\n",
      '"text"\n',
      `${JSON.stringify({ type: "state", machine: FILLER, at: "9999-01-01T00:00:00Z", state: "down" })}\n`,
      `${JSON.stringify({ type: "count", machine: FILLER, at: "2026-03-02T10:00:00Z", good: "1" })}\n`,
      `${JSON.stringify({ type: "state", machine: "berlin/x/y/z", at: "2026-03-02T10:00:00Z", state: "down" })}\n`,
      JSON.stringify({ type: "state", machine: FILLER, at: "2026-03-02T10:00:00Z", state: "dancing" }),
    ].join("");
    const file = folderWith({ "plant.yaml": PLANT, "events.ndjson": lines });
    const events = file("events.ndjson");
    const refused = file("refused.ndjson");
    const args = [
      "replay",
      "--plant",
      file("plant.yaml"),
      "--events",
      events,
      "--format",
      "json",
      "--refused",
      refused,
    ];
    const { status, stdout, stderr } = oee(args);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(4);
    expect(stderr).toMatch(/^refused 7: 3 malformed, 2 invalid, 1 unknown-machine, 1 unknown-state/m);
    const written = readFileSync(refused, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(written.map(({ error, file: name, line }) => [error, name, line])).toEqual([
      ["malformed", events, 14],
      ["malformed", events, 17],
      ["malformed", events, 18],
      ["invalid", events, 19],
      ["invalid", events, 20],
      ["unknown-machine", events, 21],
      ["unknown-state", events, 22],
    ]);
    expect(written[0]).toEqual({
      error: "malformed",
      detail: expect.any(String),
      file: events,
      line: 14,
      event: "{broken",
    });
    expect(written[6].event).toMatchObject({ state: "dancing" });
    for (const [error, , line] of written.map(({ error: code, file: name, line: at }) => [code, name, at])) {
      expect(stderr).toContain(`${events}:${line}: ${error}: `);
    }
  });

  it("exits 1 when there was no event that it could read", () => {
    const file = folderWith({ "plant.yaml": PLANT, "empty.ndjson": "", "broken.ndjson": "{\n[]\n" });
    const period = ["--from", "2026-03-02T05:00Z", "--to", "2026-03-02T06:00Z"];
    for (const name of ["empty.ndjson", "broken.ndjson"]) {
      const { status, stdout, stderr } = oee([
        "replay",
        "--plant",
        file("plant.yaml"),
        "--events",
        file(name),
        ...period,
      ]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(/no event that could be read/);
    }
  });

  it("exits 1 when the plant file is refused, and prints where it is wrong", () => {
    const { status, stdout, stderr } = replay([], EVENTS, PLANT.replace("idealCycleSeconds: 1 }", "idealCycle: 1 }"));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/plant\.yaml:13:\d+: .*idealCycle/);
  });
});
