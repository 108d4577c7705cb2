/** The table "What an engine must find" of `../shared/data/bottling/README.md`, by local date. */
import type { Element } from "@oee/model";

/** An element as JSON has it, as far as it is looked at here. */
export interface AnsweredElement extends Pick<Element, "components" | "kpis"> {
  readonly from: string;
  readonly to: string;
}

export interface Figures {
  /** planned, run, minor stop, unplanned stop (ms), minor stops, stops, good, ideal time (ms) */
  readonly times: readonly number[];
  /** availability, performance, OEE (six decimals), throughput per hour (three) */
  readonly kpis: readonly string[];
}

export const FIGURES: Readonly<Record<string, Figures>> = {
  all: {
    times: [887717926, 412875985, 127182380, 347659561, 1216, 172, 60888, 353663160],
    kpis: ["0.608367", "0.654861", "0.398396", "405.876"],
  },
  "2022-07-26": {
    times: [33121554, 8430531, 5145070, 19545953, 44, 6, 2243, 12000050],
    kpis: ["0.409872", "0.883942", "0.362303", "594.802"],
  },
  "2022-09-28": {
    times: [13725643, 3465000, 2550295, 7710348, 26, 1, 552, 3716480],
    kpis: ["0.438252", "0.617838", "0.270769", "330.358"],
  },
  "2022-10-10": {
    times: [6690287, 2777212, 3058021, 855054, 29, 1, 672, 4138520],
    kpis: ["0.872195", "0.709230", "0.618586", "414.585"],
  },
  "2022-12-21": {
    times: [29486567, 13820473, 3374780, 12291314, 29, 6, 2148, 15530040],
    kpis: ["0.583155", "0.903159", "0.526682", "449.706"],
  },
  "2023-01-13": {
    times: [8130371, 4812948, 1907315, 1410108, 15, 3, 843, 4510050],
    kpis: ["0.826563", "0.671112", "0.554716", "451.589"],
  },
};

export function figuresOf({ components, kpis }: AnsweredElement): Figures {
  const { runTime, minorStopTime, unplannedStopTime, setupTime, plannedStopTime } = components;
  const planned = runTime + minorStopTime + unplannedStopTime + setupTime + plannedStopTime;
  const { minorStopCount, stopCount, goodCount, idealTime } = components;
  const decimals = (value: number | null, digits: number): string => value?.toFixed(digits) ?? "null";
  return {
    times: [planned, runTime, minorStopTime, unplannedStopTime, minorStopCount, stopCount, goodCount, idealTime],
    kpis: [
      ...[kpis.availability, kpis.performance, kpis.oee].map((ratio) => decimals(ratio, 6)),
      decimals(kpis.throughput, 3),
    ],
  };
}
