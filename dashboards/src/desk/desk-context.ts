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

/** A whole period that views name by `of`, such as `this-quarter`, and its name that means the same one later too, such as `2026-Q4`. */
export interface PinnedPeriod {
  readonly of: string;
  readonly name: string;
}

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
  /** Takes in by which name a relative period of `of` is pinned; `null`: it is not known. */
  readonly notePinned: (pinned: PinnedPeriod | null) => void;
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
