export * from "./components.ts";
export { minorUnitOf } from "./currency.ts";
export { decimalOf, DECIMALS_MAX, POWERS_OF_TEN } from "./decimal.ts";
export * from "./duration.ts";
export * from "./event.ts";
export { FIRST_LAYOUT, layoutOf, ROW_LAYOUT } from "./layout.ts";
export * from "./kpis.ts";
export * from "./losses.ts";
export * from "./microseconds.ts";
export * from "./order.ts";
export * from "./paths.ts";
export * from "./plant-file/index.ts";
export * from "./plant.ts";
export * from "./questions.ts";
export * from "./review-names.ts";
export * from "./row-batch.ts";
export * from "./row.ts";
export * from "./state.ts";
export { atOnce, type Steps } from "./steps.ts";
export * from "./structure/index.ts";
export * from "./zones/index.ts";
export { ArrayElements, arrayStart } from "./event-decoder/array-elements.ts";
export {
  EventDecoder,
  type EventDecoderOptions,
  MAX_FUTURE_MS_DEFAULT,
  MAX_PAST_MS_DEFAULT,
  type OnEvent,
  type OnRefused,
} from "./event-decoder/event-decoder.ts";
export { IDEAL_TIME_US_MAX, QUANTITY_MAX, TEXT_MAX } from "./event-decoder/bounds.ts";
export { MAX_PAST_HEADER, maxPastOf } from "./event-decoder/max-past.ts";
export { eventRow } from "./event-decoder/event-row.ts";
export {
  LINE_BYTES_MAX,
  NdjsonSplitter,
  type OnLine,
  type OnLineRefused,
  type TakeLine,
} from "./event-decoder/ndjson.ts";
export { isJsonObject, type JsonObject } from "./event-decoder/fields.ts";
export { FURTHER_FIELDS, NO_FIELDS, UnknownFields, unknownFieldsOf } from "./event-decoder/unknown-fields.ts";
export { isRefusal, type Refusal } from "./event-decoder/refusal.ts";
export { formatInstant, instantIn, isInstant, parseInstant } from "./instant.ts";
