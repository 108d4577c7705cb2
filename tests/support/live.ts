/** What screens show, as workers of tests are told. */
import type { LiveSink } from "@oee/protocol";

/** Displays elsewhere may show any machine, as over Kafka. */
export const anyShown: LiveSink["onShown"] = (tell) => {
  tell({ machines: new Set(), all: false });
  return () => undefined;
};

/** No screen shows anything. */
export const noneShown: LiveSink["onShown"] = (tell) => {
  tell({ machines: new Set(), all: true });
  return () => undefined;
};
