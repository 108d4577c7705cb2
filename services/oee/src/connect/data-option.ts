import { Option } from "commander";

/** The folder of a connector. */
export function dataOption(): Option {
  return new Option("--data <folder>", "where events wait, and certificates are")
    .env("OEE_CONNECT_DATA")
    .default("./oee-connect");
}
