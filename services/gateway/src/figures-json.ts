/** Writes what a sum comes to as JSON, number by number between pieces that stay as they are. */
import {
  KPI_NAMES,
  type KpiName,
  type Kpis,
  PUBLIC_COMPONENT_NAMES,
  type PublicComponentName,
  type PublicComponents,
} from "@oee/model";
import { type JsonBytes, jsonPiece } from "./json-bytes.ts";

const OF_COMPONENTS = piecesOf('"components":{', PUBLIC_COMPONENT_NAMES);
const OF_KPIS = piecesOf('},"kpis":{', KPI_NAMES);
const END = jsonPiece("}");

function piecesOf(begin: string, names: readonly string[]): readonly Uint8Array[] {
  return names.map((name, i) => jsonPiece(`${i === 0 ? begin : ","}${JSON.stringify(name)}:`));
}

/** Writes `"components":{…},"kpis":{…}` of components and KPIs that have their names in the catalogue's order. */
export function writeFigures(out: JsonBytes, components: PublicComponents, kpis: Kpis): void {
  let place = 0;
  // By the objects' own names: by those of a list each number would be looked up in them, which takes as long as the rest.
  for (const name in components) {
    out.field(OF_COMPONENTS[place++] as Uint8Array, components[name as PublicComponentName]);
  }
  place = 0;
  for (const name in kpis) out.field(OF_KPIS[place++] as Uint8Array, kpis[name as KpiName]);
  out.piece(END);
}
