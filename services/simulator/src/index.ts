export {
  type DemoEntry,
  type DemoFormerPlant,
  type DemoReview,
  demoEntries,
  demoFormerPlant,
  demoReview,
  demoStory,
} from "./demo-story.ts";
export { Disturbance, type DisturbanceOptions, disturb, type OutgoingLine } from "./disturbance.ts";
export { LivePlant, type LivePlantOptions } from "./live-plant.ts";
export { type LoadOptions, loadEvents, loadMachineId, loadPlantYaml } from "./load-profile.ts";
export { PlantSimulation, type PlantSimulationOptions } from "./plant-simulation.ts";
export { type SimulateLinesOptions, simulateLines } from "./simulate-lines.ts";
export type { Chapter, Incident, Story } from "./story.ts";
export type { Quantities, WireCountEvent, WireEvent, WireJobEvent, WireStateEvent } from "./wire-event.ts";
