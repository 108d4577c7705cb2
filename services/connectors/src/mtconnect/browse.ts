/** Lists the data items of an MTConnect agent with their present values. */
import type { Seen } from "../browse/seen.ts";
import { readDocument } from "./document.ts";

const TIMEOUT_MS = 30_000;

/** Rejected: there is no agent. */
export async function browseMtconnect(url: string): Promise<readonly Seen[]> {
  const response = await fetch(`${url.replace(/\/+$/, "")}/current`, {
    headers: { accept: "text/xml" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { observations } = readDocument(await response.text());
  return observations.map(({ device, element, dataItemId, value }) => ({
    protocol: "mtconnect",
    group: device ?? "device",
    name: element,
    address: dataItemId,
    value: value !== "" && Number.isFinite(Number(value)) ? Number(value) : value,
  }));
}
