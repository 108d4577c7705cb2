/** The address as React state. Each change adds an entry to the browser's history, so that Back goes back. */
import { useCallback, useEffect, useState } from "react";
import { type DeskAddress, formatDeskAddress, goTo, parseDeskAddress } from "./address.ts";

export function useAddress(): readonly [DeskAddress, (to: Parameters<typeof goTo>[1]) => void] {
  const [address, setAddress] = useState(here);
  useEffect(() => {
    const moved = (): void => setAddress(here());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const go = useCallback((to: Parameters<typeof goTo>[1]) => {
    const next = goTo(here(), to);
    const text = formatDeskAddress(next);
    if (text !== location.pathname + location.search) history.pushState(null, "", text);
    setAddress(next);
  }, []);
  return [address, go];
}

function here(): DeskAddress {
  return parseDeskAddress(location.pathname, location.search);
}
