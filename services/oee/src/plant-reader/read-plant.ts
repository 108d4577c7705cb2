/**
 * Reads a plant file beside the event loop: a large one takes seconds to parse, in which no live figure would come. A thread
 * of its own parses it and hands the plant over in pieces.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type Plant, SHIPPED_ZONES, type ZoneDatabase } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import { Failure } from "../failure.ts";
import { type Piece, putTogether } from "./plant-pieces.ts";

/** What the thread is given. */
export interface PlantAsked {
  readonly file: string;
  /** The text of the file; `null`: the thread reads it. */
  readonly text: string | null;
  /** As `ZoneDatabase.text` says them; `null`: those that this build ships. */
  readonly zones: string | null;
}

/** An answer of the thread: the next piece of the plant, `null` after the last one, or why the file is refused. */
export type PlantPiece = { readonly piece: Piece | null } | { readonly refused: string };

/** The plant of a file. Throws `Failure`: the file cannot be read, or is refused; its message has a line for each problem. */
export function readPlant(file: string, zones: ZoneDatabase): Promise<Plant> {
  return plantOfThread(file, null, zones);
}

/** The plant of the text of a plant file; `null`: this version refuses it. */
export async function plantOfText(text: string, zones: ZoneDatabase): Promise<Plant | null> {
  try {
    return await plantOfThread("plant.yaml", text, zones);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

async function plantOfThread(file: string, text: string | null, zones: ZoneDatabase): Promise<Plant> {
  const asked: PlantAsked = { file, text, zones: zones === SHIPPED_ZONES ? null : zones.text };
  // What the process is given to load or to watch is not for the thread, where it may fail.
  const apart = { workerData: asked, execArgv: [], env: {} };
  const thread = new Worker(new URL("plant-thread.js", import.meta.url), apart);
  try {
    const giveWay = new GiveWay();
    const pieces: Piece[] = [];
    for (;;) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      thread.postMessage("next");
      const [answer] = (await once(thread, "message")) as [PlantPiece];
      if ("refused" in answer) throw new Failure(answer.refused);
      if (answer.piece === null) break;
      pieces.push(answer.piece);
      if (giveWay.due) await giveWay.now();
    }
    return (await putTogether(pieces, zones, giveWay)) as Plant;
  } finally {
    await thread.terminate();
  }
}
