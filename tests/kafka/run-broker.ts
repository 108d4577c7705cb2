/**
 * Set up once for a whole run: says over a port where the broker is that test files share (`sharedBroker`). It is started when
 * the first file asks, so that runs without Kafka need none, and ends with the run.
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { RUN_BROKER, type RunBroker, startBroker, type TestBroker } from "./broker.ts";

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Each project of vitest.config.ts sets up what the run has.
  if (process.env[RUN_BROKER] !== undefined) return undefined;
  let broker: Promise<TestBroker> | null = null;
  const found = async (): Promise<RunBroker> => {
    try {
      const { brokers, data } = await (broker ??= startBroker());
      return { brokers, data };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    void found().then((answer) => socket.end(JSON.stringify(answer)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  process.env[RUN_BROKER] = String((server.address() as AddressInfo).port);
  return async () => {
    server.close();
    await (await broker?.catch(() => null))?.stop();
  };
}
