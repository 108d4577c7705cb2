/** A wall screen from its address: fetches the plant, has one live client for all scopes that it shows, and turns the pages. */
import type { PlantDescription } from "@oee/protocol";
import { type ReactElement, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { createFormat } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import { LiveClient } from "../shared/live/live-client.ts";
import { socketTransport } from "../shared/live/socket-transport.ts";
import { Ticker } from "../shared/live/ticker.ts";
import { fetchPlant, PlantIndex } from "../shared/plant.ts";
import type { AddressProblem, ParsedAddress, WallAddress } from "./address.ts";
import { Banner, Waiting } from "./Banner.tsx";
import { type Content, contentOf, scopesNeeded } from "./content.ts";
import { Header } from "./Header.tsx";
import { LineView } from "./LineView.tsx";
import { type Live, LiveContext, useElement, useElements, useLive, useStatus, useTicked } from "./live-context.ts";
import { MachineView } from "./MachineView.tsx";
import { Notice } from "./Notice.tsx";
import { pageOf } from "./pages.ts";
import { startPixelShift } from "./pixel-shift.ts";
import { reloadWhenServerAnswers } from "./reload.ts";
import { callsOf, compareCalls } from "./sign.ts";
import { HatchPattern } from "./Timeline.tsx";
import { TilesView } from "./TilesView.tsx";

export function Screen(props: { readonly parsed: ParsedAddress; readonly locale: string }): ReactElement {
  const { parsed, locale } = props;
  const [plant, setPlant] = useState<PlantIndex | null>(null);
  const t = useTranslate();
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    void fetchPlant(setProblem).then((description) => setPlant(new PlantIndex(description)));
  }, []);
  if (plant === null) return <Waiting problem={problem === null ? null : t("status.noServer", { problem })} />;
  const problems = [...parsed.problems, ...windowProblem(parsed.address, plant.description)];
  const unknown = parsed.address.scopes.filter((scope) => plant.scope(scope) === undefined);
  if (problems.length > 0 || unknown.length > 0) {
    return <Notice problems={problems} unknownScopes={unknown} plant={plant} />;
  }
  return <LiveScreen plant={plant} address={parsed.address} locale={locale} />;
}

function windowProblem(address: WallAddress, plant: PlantDescription): readonly AddressProblem[] {
  if (plant.windows.length === 0 || plant.windows.includes(address.window)) return [];
  return [{ option: "window", found: address.window, expected: plant.windows.join(", ") }];
}

/** How often the live client checks for silence: oftener than at each full second, so that it is shown without delay. */
const SILENCE_LOOKED_FOR_EVERY_MS = 250;

function LiveScreen(props: {
  readonly plant: PlantIndex;
  readonly address: WallAddress;
  readonly locale: string;
}): ReactElement {
  const { plant, address, locale } = props;
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const { scopes, machinesOf, machines } = scopesNeeded(plant, address);
    const client = new LiveClient({
      transport: socketTransport(),
      request: { scopes, windows: [address.window], machinesOf },
      machines,
      monotonicNow: () => performance.now(),
      onVersionChange: reloadWhenServerAnswers,
    });
    const ticker = new Ticker(() => client.serverNow());
    const watch = setInterval(() => client.tick(), SILENCE_LOOKED_FOR_EVERY_MS);
    client.start();
    ticker.start();
    const format = createFormat(locale, plant.description.timezones.offsets);
    setLive({ client, ticker, plant, format, window: address.window });
    return () => {
      ticker.stop();
      clearInterval(watch);
      client.stop();
    };
  }, [plant, address, locale]);
  if (live === null) return <Waiting problem={null} />;
  return (
    <LiveContext.Provider value={live}>
      <Rotation plant={plant} address={address} />
    </LiveContext.Provider>
  );
}

function Rotation(props: { readonly plant: PlantIndex; readonly address: WallAddress }): ReactElement {
  const { plant, address } = props;
  const portrait = usePortrait();
  const status = useStatus();
  const contents = useMemo(
    () =>
      address.scopes.reduce<Content[]>((found, path) => {
        const scope = plant.scope(path);
        if (scope !== undefined) found.push(contentOf(plant, scope, address, portrait));
        return found;
      }, []),
    [plant, address, portrait],
  );
  const turns = contents.reduce((sum, content) => sum + content.pages, 0);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (turns <= 1) return undefined;
    const timer = setInterval(() => setTurn((current) => current + 1), address.rotateMs);
    return () => clearInterval(timer);
  }, [turns, address.rotateMs]);
  let page = turn % Math.max(1, turns);
  let content = contents[0];
  for (const candidate of contents) {
    content = candidate;
    if (page < candidate.pages) break;
    page -= candidate.pages;
  }
  if (content === undefined) return <Waiting problem={null} />;
  if (status.kind === "connecting") return <Waiting problem={status.problem} />;
  return <Picture key={content.scope.path} content={content} page={page} sort={address.sort} portrait={portrait} />;
}

function Picture(props: {
  readonly content: Content;
  readonly page: number;
  readonly sort: WallAddress["sort"];
  readonly portrait: boolean;
}): ReactElement {
  const { content, page, sort, portrait } = props;
  const status = useStatus();
  const element = useElement(content.scope.path);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => (frame.current === null ? undefined : startPixelShift(frame.current)), []);
  return (
    <main ref={frame} className="picture" data-status={status.kind}>
      <HatchPattern />
      <Header scope={content.scope} element={element} paging={{ page, pages: content.pages }} />
      <Banner timezone={content.scope.timezone} />
      {sort === "worst" && content.kind === "tiles" ? (
        <WorstFirst content={content} page={page} portrait={portrait} />
      ) : (
        <View content={content} page={page} portrait={portrait} />
      )}
    </main>
  );
}

function View(props: { readonly content: Content; readonly page: number; readonly portrait: boolean }): ReactElement {
  const { content, page, portrait } = props;
  const { scope, machines, items, grid } = content;
  const shown = useMemo(() => pageOf(items, page, grid.columns * grid.rows), [items, page, grid]);
  switch (content.kind) {
    case "machine":
      return <MachineView scope={scope} machine={machines[0] ?? scope.path} portrait={portrait} />;
    case "line":
      return <LineView scope={scope} machines={machines} shown={shown} portrait={portrait} />;
    case "tiles":
      return <TilesView scope={scope} machines={machines} shown={shown} grid={grid} portrait={portrait} />;
    default:
      return content.kind satisfies never;
  }
}

/** Tiles in the order of their worst machine, sorted again with each message. */
function WorstFirst(props: {
  readonly content: Content;
  readonly page: number;
  readonly portrait: boolean;
}): ReactElement {
  const { content } = props;
  const { client, plant } = useLive();
  useElements(content.machines);
  const order = useTicked((now) => worstFirst(plant, content, (path) => client.element(path), now).join("\n"));
  const items = useMemo(
    () =>
      order.split("\n").reduce<Content["items"]>((found, path) => {
        const scope = plant.scope(path);
        return scope === undefined ? found : [...found, scope];
      }, []),
    [order, plant],
  );
  return <View {...props} content={{ ...content, items }} />;
}

function worstFirst(
  plant: PlantIndex,
  content: Content,
  elementOf: (path: string) => ReturnType<LiveClient["element"]>,
  now: number | null,
): readonly string[] {
  const ranked = content.items.map((item) => {
    const elements = plant
      .below(item.path, "machine")
      .reduce<NonNullable<ReturnType<typeof elementOf>>[]>((found, machine) => {
        const element = elementOf(machine.path);
        if (element !== undefined) found.push(element);
        return found;
      }, []);
    return { path: item.path, worst: callsOf(elements, now).worst };
  });
  ranked.sort((a, b) => {
    if (a.worst === undefined || b.worst === undefined)
      return (a.worst === undefined ? 1 : 0) - (b.worst === undefined ? 1 : 0);
    return compareCalls(a.worst.sign, b.worst.sign);
  });
  return ranked.map((item) => item.path);
}

function usePortrait(): boolean {
  const query = useMemo(() => matchMedia("(max-aspect-ratio: 1/1)"), []);
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}
