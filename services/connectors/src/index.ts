export { type ShdrConfiguration, type ShdrEvent, ShdrReader } from "./shdr/shdr-reader.ts";
