/** Compares `GET /kpis`, `GET /stops` and `GET /live` of a running system with `oee replay` of the same events, to the last digit. */
import { isDeepStrictEqual } from "node:util";
import type { Element, StopSegment } from "@oee/model";
import type { LiveElement } from "@oee/protocol";
import { expect } from "vitest";
import { floorMinute, instant } from "./history.ts";
import { type Answer, getJson, oeeOutput, until } from "./oee-process.ts";

export interface Replayed {
  readonly plant: string;
  readonly events: string;
}

interface Question {
  readonly scope?: string;
  readonly by?: string;
  readonly every?: string;
  readonly from: number;
  readonly to: number;
}

/** Questions by every level and product, with periods of every kind that fit into nine hours. */
const QUESTIONS: readonly (readonly [by: string, every: string | undefined])[] = [
  ["machine", undefined],
  ["line", "hour"],
  ["area", "shift"],
  ["site", "day"],
  ["enterprise", undefined],
  ["product", "shift"],
];

export async function replay({ plant, events }: Replayed, question: Question, at?: number): Promise<Element[]> {
  const { scope = "*", by = "machine", every, from, to } = question;
  const args = ["--plant", plant, "--events", events, "--from", instant(from), "--to", instant(to), "--scope", scope];
  const cut = every === undefined ? [] : ["--every", every];
  const now = at === undefined ? [] : ["--at", instant(at)];
  return JSON.parse(await oeeOutput(["replay", ...args, "--by", by, ...cut, ...now, "--format", "json"])) as Element[];
}

function kpis(url: string, { scope = "*", by = "machine", every, from, to }: Question): Promise<Answer<Element[]>> {
  const period = { from: instant(from), to: instant(to) };
  const parameters = new URLSearchParams({ scope, by, ...period, ...(every === undefined ? {} : { every }) });
  return getJson(url, `/api/v1/kpis?${parameters.toString()}`);
}

/** Waits until every minute of every product is that of a replay: then all that was sent has taken effect. */
export async function untilInEffect(url: string, files: Replayed, period: { from: number; to: number }): Promise<void> {
  const question = { ...period, by: "product", every: "minute" };
  const expected = await replay(files, question);
  let differing: unknown[] = [];
  await until("the stored minutes to be those of a replay", async () => {
    const { body } = await kpis(url, question);
    differing = expected.flatMap((element, i) =>
      JSON.stringify(element) === JSON.stringify(body[i]) ? [] : [{ replayed: element, answered: body[i] }],
    );
    return differing.length === 0 && body.length === expected.length ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${differing.length} minutes differ, the first: ${JSON.stringify(differing[0])}`, { cause: error });
  });
}

export async function expectSameKpis(
  url: string,
  files: Replayed,
  period: { from: number; to: number },
): Promise<void> {
  for (const [by, every] of QUESTIONS) {
    const question = { ...period, by, ...(every === undefined ? {} : { every }) };
    const { status, body, headers } = await kpis(url, question);
    expect(status).toBe(200);
    expect(headers.get("oee-from")).toBe(instant(period.from));
    expect(headers.get("oee-to")).toBe(instant(period.to));
    expect(body, `by ${by} every ${every ?? "period"}`).toEqual(await replay(files, question));
  }
}

/** Compares answers up to now, whose period ends at the instant that the answer names (PE-4). */
export async function expectSameUntilNow(url: string, files: Replayed, from: number): Promise<void> {
  const { body, headers } = await getJson<Element[]>(url, `/api/v1/kpis?from=${from}&to=now`);
  const to = Date.parse(headers.get("oee-to") ?? "");
  expect(to % 60_000, "an instant that a clock showed").not.toBe(0);
  expect(body).toEqual(await replay(files, { from: floorMinute(from), to }, to));
}

export async function expectSameStops(
  url: string,
  files: Replayed,
  period: { from: number; to: number },
): Promise<void> {
  const parameters = new URLSearchParams({ from: instant(period.from), to: instant(period.to), limit: "10000" });
  const { plant, events } = files;
  const args = ["--plant", plant, "--events", events, "--from", instant(period.from), "--to", instant(period.to)];
  const replayed = JSON.parse(await oeeOutput(["replay", ...args, "--stops", "--format", "json"])) as StopSegment[];
  expect(replayed.length).toBeGreaterThan(10);
  // They are written after the rows.
  let body: readonly StopSegment[] = [];
  await until("the stops of a replay", async () => {
    ({ body } = await getJson<StopSegment[]>(url, `/api/v1/stops?${parameters.toString()}`));
    return isDeepStrictEqual(body, replayed) ? true : undefined;
  }).catch(() => expect(body).toEqual(replayed));
}

/** Compares the windows of a live element with a replay of the period that each window names (PE-3). */
export async function expectSameLive(url: string, files: Replayed, machine: string): Promise<void> {
  const { body } = await getJson<{ elements: LiveElement[] }>(url, `/api/v1/live?scope=${machine}`);
  const windows = Object.entries(body.elements[0]?.windows ?? {});
  expect(windows.map(([name]) => name)).toContain("8h");
  for (const [name, { from, to, components, kpis: ratios }] of windows) {
    const [element] = await replay(files, { scope: machine, from, to }, to);
    expect({ components, kpis: ratios }, `${machine} ${name} ${instant(from)} ${instant(to)}`).toEqual({
      components: element?.components,
      kpis: element?.kpis,
    });
  }
}
