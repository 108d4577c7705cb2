/** What is read to answer a review, and stored events as the plant file of today understands them. */
import type { PlantModel } from "@oee/engine";
import { type CorrectionEvent, EventDecoder, isRefusal, type Machine, type Plant, type PlantEvent } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { RecordedRefusals } from "@oee/review";
import type { EventRecord, Store } from "@oee/store";
import type { CellSources } from "./cell-sums.ts";
import type { LastHeard, StoredFacts } from "./stored-facts.ts";

export interface FactSources extends CellSources {
  readonly store: Pick<
    Store,
    | "sums"
    | "gaps"
    | "stops"
    | "pareto"
    | "stopReasons"
    | "longestStops"
    | "machinesSeen"
    | "silences"
    | "latencies"
    | "corrections"
    | "periodsAbove1"
    | "countDoubts"
    | "events"
    | "stateEvents"
  >;
  readonly refusals: RecordedRefusals;
  readonly lastHeard?: LastHeard;
}

/** All corrections of machines, in the order of the log. */
export async function loadCorrections(
  { store, turnstile }: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  machines: Iterable<Machine>,
): Promise<void> {
  const decoder = decoderOf(model.plant);
  const giveWay = new GiveWay();
  const all = new Map<Machine, CorrectionEvent[]>([...machines].map((machine) => [machine, []]));
  const ids = [...all.keys()].map(({ id }) => id);
  for (const record of await turnstile.run(() => store.corrections(ids))) {
    for (const event of decoded(decoder, [record])) {
      if (event.type === "correction") all.get(event.machine)?.push(event);
    }
    if (giveWay.due) await giveWay.now();
  }
  for (const [machine, own] of all) facts.corrections.set(machine, own);
}

/** One serves a plant: that of thousands of machines takes a while to make. */
const decoders = new WeakMap<Plant, EventDecoder>();

export function decoderOf(plant: Plant): EventDecoder {
  let decoder = decoders.get(plant);
  if (decoder === undefined) decoders.set(plant, (decoder = new EventDecoder(plant, { maxFutureMs: 0 })));
  return decoder;
}

/** What the plant file of today does not understand any more is passed over. */
export function decoded(decoder: EventDecoder, records: readonly EventRecord[]): readonly PlantEvent[] {
  return records.flatMap(({ raw }) => {
    const event = decoder.decodeValue(JSON.parse(raw), null);
    return isRefusal(event) ? [] : [event];
  });
}
