/** Runs `http-front.ts` as a process that a test can kill. Arguments: its folder and its port; faults come as messages of its parent. */
import { type Fault, startHttpFront } from "./http-front.ts";

const [folder = "", port = "0"] = process.argv.slice(2);

type Message = { readonly fail: readonly Fault[] } | { readonly away: boolean };

async function main(): Promise<void> {
  const front = await startHttpFront(folder, undefined, Number(port));
  process.on("message", (message: Message) => {
    if ("fail" in message) front.fail(...message.fail);
    else front.away(message.away);
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ url: front.url });
}

void main();
