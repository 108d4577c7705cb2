/** A gateway that listens as `oee start` and `oee gateway` are told: with TLS that is renewed, sign-in, and the dashboards. */
import { buildGateway, type GatewayOptions } from "@oee/gateway";
import { Failure, reasonOf } from "../failure.ts";
import { VERSION } from "../version.ts";
import type { SignIn } from "./access.ts";
import type { AccessSettings } from "./access-settings.ts";
import type { Connections } from "./connections.ts";
import { dashboardsFolder } from "./dashboards-folder.ts";
import { allowedHostsOf, type NetworkSettings, portOf, urlsOf } from "./listening.ts";
import type { Ending } from "./running.ts";
import type { ReceiverSettings } from "./settings.ts";
import { redirectServer, renewTls } from "./tls.ts";

type Settings = NetworkSettings & ReceiverSettings & AccessSettings;

/** What the caller says; the rest follows from the settings. */
type Given = Pick<GatewayOptions, "plant" | "live" | "clock" | "logger" | "metrics" | "audit" | "tls" | "keeper"> &
  Pick<GatewayOptions, "others" | "readiness" | "readOnly" | "parsePlant">;

export interface ServedGateway {
  readonly gateway: Awaited<ReturnType<typeof buildGateway>>;
  readonly url: string;
  /** Further addresses, for other machines. */
  readonly also: readonly string[];
  /** How it ends, one step after the other. */
  readonly ending: readonly Ending[];
}

/** Throws `Failure` where it cannot listen. */
export async function serveGateway(
  settings: Settings,
  { log, topics, store }: Connections,
  signIn: SignIn,
  given: Given,
): Promise<ServedGateway> {
  const { host, port, maxFuture: maxFutureMs, maxPast: maxPastMs, trustProxy = [], hstsOwnName = false } = settings;
  const dashboards = dashboardsFolder();
  const gateway = await buildGateway({
    ...{ log, topics, store, trustProxy, version: VERSION },
    allowedHosts: allowedHostsOf(settings),
    hstsBelow: !hstsOwnName,
    limits: { maxFutureMs, maxPastMs },
    ...(signIn.options === null ? {} : { access: signIn.options }),
    ...(dashboards === undefined ? {} : { dashboards }),
    ...given,
  });
  try {
    await gateway.listen({ host, port });
  } catch (error) {
    throw new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}`, { cause: error });
  }
  const stopRenewing = renewTls(gateway.server, settings, given.logger);
  const redirecting = await redirectServer(settings, portOf(settings, gateway.server));
  const [url, ...also] = urlsOf(settings, gateway.server, given.tls !== undefined);
  return {
    ...{ gateway, url, also },
    ending: [
      ["the look at certificates", stopRenewing],
      ["the server that redirects", () => void redirecting?.close()],
      ["sign-in", () => signIn.stop()],
      ["the gateway", () => gateway.close()],
    ],
  };
}
