/** The thread of `readPlant`: parses a plant file, then gives a piece of the plant each time that it is asked for one. */
import { parentPort, workerData } from "node:worker_threads";
import { decodeZones, SHIPPED_ZONES } from "@oee/model";
import { Failure } from "../failure.ts";
import { plantFromFile, plantFromText } from "../plant-from-file.ts";
import { piecesOf } from "./plant-pieces.ts";
import type { PlantAsked, PlantPiece } from "./read-plant.ts";

const { file, text, zones: zoneText } = workerData as PlantAsked;
const zones = zoneText === null ? SHIPPED_ZONES : decodeZones(zoneText);
const plant =
  text === null ? plantFromFile(file, zones) : Promise.resolve(text).then((of) => plantFromText(of, file, zones));
const pieces = plant.then(piecesOf);
// Sent to the caller, as the answer.
pieces.catch(() => undefined);

async function nextPiece(): Promise<PlantPiece> {
  try {
    const { value, done } = (await pieces).next();
    return { piece: done === true ? null : value };
  } catch (error) {
    if (error instanceof Failure) return { refused: error.message };
    throw error;
  }
}

const port = parentPort;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
port?.on("message", () => void nextPiece().then((answer) => port.postMessage(answer)));
