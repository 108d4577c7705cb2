/** Tells workers of tests which machines screens show. */
import type { LiveSink } from "@oee/protocol";

/** Which machines screens show is not known, as over Kafka: any may be shown. */
export const anyShown: LiveSink["onShown"] = (tell) => {
  tell({ machines: new Set(), complete: false });
  return () => undefined;
};

/** It is known that no screen shows any machine. */
export const noneShown: LiveSink["onShown"] = (tell) => {
  tell({ machines: new Set(), complete: true });
  return () => undefined;
};
