export { plantWithPast, plantWithPastInSteps } from "./plant-with-past.ts";
export { byMachine, epochsIn, isRatedIn, isThereIn, machinesIn, membersIn, type MachineSpan } from "./standing.ts";
export { readStructure, type Structure, structureDocument, structureOf } from "./structure.ts";
export { isSame as isSameStructure, type StructureChange, structureEpochs } from "./structure-history.ts";
