/** The context of every view: the plant, texts and formats, the address, and functions that change it. */
import type { PlantScope } from "@oee/protocol";
import { createContext, useContext } from "react";
import type { Format } from "../shared/format.ts";
import type { TranslateOf } from "../shared/i18n.ts";
import type { PlantIndex } from "../shared/plant.ts";
import type { ReasonIndex } from "../shared/reason-tree.ts";
import type { TextKey } from "../shared/texts/texts.ts";
import type { DeskAddress } from "./address.ts";
import type { Spans } from "./period.ts";
import type { DeskKey } from "./texts/texts.ts";
import type { Values } from "./values.ts";

export type DeskTranslate = TranslateOf<TextKey | DeskKey>;

export interface Desk {
  readonly t: DeskTranslate;
  readonly locale: string;
  readonly format: Format;
  readonly values: Values;
  readonly plant: PlantIndex;
  readonly reasons: ReasonIndex;
  readonly scope: PlantScope;
  readonly address: DeskAddress;
  readonly spans: Spans;
  readonly go: (to: Parameters<typeof import("./address.ts").goTo>[1]) => void;
  /** The address that `go` would move to, for links. */
  readonly href: (to: Parameters<typeof import("./address.ts").goTo>[1]) => string;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("a view outside of the desk");
  return desk;
}
