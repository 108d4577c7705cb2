/** Writes what a sum comes to as JSON: components number by number between pieces that stay as they are, KPIs by V8. */
import { type Kpis, PUBLIC_COMPONENT_NAMES, type PublicComponentName, type PublicComponents } from "@oee/model";
import { type JsonBytes, jsonPiece } from "./json-bytes.ts";

const COMPONENTS = jsonPiece('"components":');
const OF_COMPONENTS = PUBLIC_COMPONENT_NAMES.map((name, i) =>
  jsonPiece(`${i === 0 ? "{" : ","}${JSON.stringify(name)}:`),
);
const KPIS = jsonPiece('},"kpis":');

/** Writes `"components":{…},"kpis":{…}` of components that have their names in the catalogue's order. */
export function writeFigures(out: JsonBytes, components: PublicComponents, kpis: Kpis): void {
  out.piece(COMPONENTS);
  let place = 0;
  // By the object's own names: by those of a list each number would be looked up in it, which takes as long as the rest.
  for (const name in components) {
    out.field(OF_COMPONENTS[place++] as Uint8Array, components[name as PublicComponentName]);
  }
  // Ratios have all their digits. One by one each would be a text, which V8 keeps for a while and copies when it collects.
  out.piece(KPIS).json(JSON.stringify(kpis));
}
