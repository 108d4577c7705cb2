/** The scope of the tablet, with plant, reasons and format, for all its views. */
import type { PlantScope } from "@oee/protocol";
import { createContext, useContext } from "react";
import type { Format } from "../shared/format.ts";
import type { PlantIndex } from "../shared/plant.ts";
import type { ReasonIndex } from "../shared/reason-tree.ts";

export interface Place {
  readonly plant: PlantIndex;
  readonly scope: PlantScope;
  readonly reasons: ReasonIndex;
  readonly format: Format;
}

export const PlaceContext = createContext<Place | null>(null);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (place === null) throw new Error("the tablet has no place yet");
  return place;
}
