/** What reads a plant file reads other settings files too: YAML with places, and readers of fields that say what is wrong. */
export { readDocument } from "./document.ts";
export { type Entry, type Mapping, quote, type Value } from "./value.ts";
export {
  ANY_TEXT,
  booleanOf,
  didYouMean,
  durationMsIn,
  entriesOf,
  type Fields,
  fieldsOf,
  itemsOf,
  type KeyForm,
  numberOf,
  oneOf,
  optional,
  referenceOf,
  textOf,
  unexpected,
} from "./fields.ts";
export { formatProblem, type PlantProblem, Problems } from "./problem.ts";
