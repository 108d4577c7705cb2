/** The protocols that there are: a new one is a folder and a line here. */
import { files } from "./files/files.ts";
import { http } from "./http/http.ts";
import { modbus } from "./modbus/modbus.ts";
import { mqtt } from "./mqtt/mqtt.ts";
import { mtconnect } from "./mtconnect/mtconnect.ts";
import { opcua } from "./opcua/opcua.ts";
import type { Protocol } from "./port.ts";
import { shdr } from "./shdr/shdr.ts";
import { sparkplug } from "./sparkplug/sparkplug.ts";
import { sql } from "./sql/sql.ts";

// Settings and addresses are each protocol's own: what it read is handed back to it alone.
export const PROTOCOLS: ReadonlyMap<string, Protocol<unknown, unknown>> = new Map(
  [files, http, modbus, mqtt, mtconnect, opcua, shdr, sparkplug, sql].map((protocol) => [
    protocol.name,
    protocol as Protocol<unknown, unknown>,
  ]),
);
