/** Lists the data items of an MTConnect agent with their present values. */
import type { Listed } from "../browse/seen.ts";
import { whileHeard } from "../while-heard.ts";
import { answeredDocument } from "./document.ts";

const TIMEOUT_MS = 30_000;

/** Rejected: there is no agent. */
export async function browseMtconnect(url: string): Promise<Listed> {
  const { observations, errorCode } = await whileHeard(new AbortController().signal, TIMEOUT_MS, async (signal) =>
    answeredDocument(await fetch(`${url.replace(/\/+$/, "")}/current`, { headers: { accept: "text/xml" }, signal })),
  );
  if (errorCode !== null) throw new Error(`the agent answers ${errorCode}`);
  const seen = observations.map(({ device, element, dataItemId, value }) => ({
    protocol: "mtconnect",
    group: device ?? "device",
    name: element,
    address: dataItemId,
    value: value !== "" && Number.isFinite(Number(value)) ? Number(value) : value,
  }));
  return { seen, isWhole: true };
}
