/**
 * The hooks by which views use the live client. A view is rendered only when one of its own elements changed; texts that change
 * with time alone are written into the page by the ticker, without React (W-7).
 */
import type { LiveElement } from "@oee/protocol";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { Format } from "../shared/format.ts";
import type { LiveClient, LiveStatus } from "../shared/live/live-client.ts";
import type { Ticker } from "../shared/live/ticker.ts";
import type { PlantIndex } from "../shared/plant.ts";
import { type MachineSign, signOf } from "./sign.ts";

export interface Live {
  readonly client: LiveClient;
  readonly ticker: Ticker;
  readonly plant: PlantIndex;
  readonly format: Format;
  /** Name of the window whose figures are shown. */
  readonly window: string;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("A view stands outside LiveContext");
  return live;
}

export function useElement(scope: string): LiveElement | undefined {
  const { client } = useLive();
  const subscribe = useCallback((listener: () => void) => client.onElement(scope, listener), [client, scope]);
  return useSyncExternalStore(subscribe, () => client.element(scope));
}

/** The elements of scopes; renders again when one of them changes. Unknown ones are left out. `scopes` must keep its identity between renderings. */
export function useElements(scopes: readonly string[]): readonly LiveElement[] {
  const { client } = useLive();
  const subscribe = useCallback(
    (listener: () => void) => {
      const removers = scopes.map((scope) => client.onElement(scope, listener));
      return () => {
        for (const remove of removers) remove();
      };
    },
    [client, scopes],
  );
  useSyncExternalStore(subscribe, () => client.revision);
  return scopes.reduce<LiveElement[]>((found, scope) => {
    const element = client.element(scope);
    if (element !== undefined) found.push(element);
    return found;
  }, []);
}

export function useStatus(): LiveStatus {
  const { client } = useLive();
  const subscribe = useCallback((listener: () => void) => client.onStatus(listener), [client]);
  return useSyncExternalStore(subscribe, () => client.status);
}

/** A value computed from the time; renders again only when it has changed. It must be a primitive. */
export function useTicked<T extends string | number | boolean | null>(read: (knownUntil: number | null) => T): T {
  const { client, ticker } = useLive();
  const subscribe = useCallback((listener: () => void) => ticker.add(listener), [ticker]);
  return useSyncExternalStore(subscribe, () => read(client.knownUntil()));
}

export function useSign(element: LiveElement | undefined): MachineSign {
  const { client } = useLive();
  useTicked((knownUntil) => signOf(element?.machine ?? null, knownUntil).sign);
  return signOf(element?.machine ?? null, client.knownUntil());
}
