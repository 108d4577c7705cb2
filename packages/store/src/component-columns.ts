/** The columns of the additive components, one for one with `Components`: their names, and what their comments say. */
import { COMPONENT_NAMES, type Components } from "@oee/model";

const MEANINGS: Readonly<Record<keyof Components, string>> = {
  runTime: "production",
  minorStopTime: "minor stops",
  unplannedStopTime: "stops that are not minor",
  setupTime: "setup in scheduled time",
  plannedStopTime: "planned stops in scheduled time",
  notPlannedTime: "breaks, no demand, unscheduled",
  unknownTime: "no data in scheduled time: outside every ratio",
  failureTime: "the part of unplanned_stop_time_ms inside failures",
  goodCount: "good items",
  scrapCount: "scrapped items",
  reworkCount: "items to rework: produced, not good the first time",
  idealTimeUs: "ideal cycle x (good + scrap + rework)",
  idealGoodTimeUs: "ideal cycle x good",
  startupLossTimeUs: "ideal cycle x (scrap + rework) of counts marked startup",
  failureCount: "failures, at their first scheduled instant",
  repairCount: "repairs ended, at their last scheduled millisecond",
  repairTime: "of the repairs that ended",
  stopCount: "stops that are not minor, at their first scheduled instant",
  minorStopCount: "minor stops, at their first scheduled instant",
};

/** `idealTimeUs` is `ideal_time_us`, `runTime` is `run_time_ms`, `goodCount` is `good_count`. */
export function columnOf(component: keyof Components): string {
  const words = component.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return words.endsWith("_time") ? `${words}_ms` : words;
}

export const COMPONENT_COLUMNS: readonly string[] = COMPONENT_NAMES.map(columnOf);

export const COMPONENT_DEFINITIONS: string = COMPONENT_NAMES.map((component) => {
  const column = columnOf(component);
  const unit = column.endsWith("_ms") ? "milliseconds" : column.endsWith("_us") ? "microseconds" : "number";
  return `${column} Int64 COMMENT '${MEANINGS[component]}; ${unit}'`;
}).join(",\n  ");

/** One value per component. */
export function eachComponent<T>(of: (component: keyof Components) => T): Record<keyof Components, T> {
  return {
    runTime: of("runTime"),
    minorStopTime: of("minorStopTime"),
    unplannedStopTime: of("unplannedStopTime"),
    setupTime: of("setupTime"),
    plannedStopTime: of("plannedStopTime"),
    notPlannedTime: of("notPlannedTime"),
    unknownTime: of("unknownTime"),
    failureTime: of("failureTime"),
    goodCount: of("goodCount"),
    scrapCount: of("scrapCount"),
    reworkCount: of("reworkCount"),
    idealTimeUs: of("idealTimeUs"),
    idealGoodTimeUs: of("idealGoodTimeUs"),
    startupLossTimeUs: of("startupLossTimeUs"),
    failureCount: of("failureCount"),
    repairCount: of("repairCount"),
    repairTime: of("repairTime"),
    stopCount: of("stopCount"),
    minorStopCount: of("minorStopCount"),
  };
}
