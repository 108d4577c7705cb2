import type { Message } from "@oee/review";
import { FILLER, START } from "./gateway-fixture.ts";

/** A message of the first step of an alert of a long stop. */
export const MESSAGE: Message = {
  ...{ key: "long/x#0#step", kind: "step", roles: ["fitter"] },
  step: { number: 0, to: "responsible", at: START, due: true },
  alert: {
    ...{
      ticket: "long/x",
      rule: "long",
      kind: "stop",
      scope: FILLER,
      opens: START,
      acknowledged: null,
      resolves: null,
    },
    ...{
      owners: { responsible: ["fitter"], accountable: "boss", consulted: [], informed: [] },
      steps: [],
      state: "open",
    },
    ...{ seen: START, withdrawn: null },
  },
};
