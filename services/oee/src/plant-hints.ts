/**
 * Finds settings of a valid plant file that are probably not meant, because they work against each other. A machine without a
 * state map is not among them: it may send the built-in state names.
 */
import type { Machine, Plant, Scope } from "@oee/model";
import { amount, counted, duration } from "./output/for-people.ts";

const HINTS_SHOWN_MAX = 20;
const HOUR_US = 3_600_000_000;
const MILLION = 1_000_000;
/** The unit of a machine whose plant file names none (CN-5). */
const DEFAULT_UNIT = "pcs";

/** One line for each, bounded. */
export function hintsOf(plant: Plant): readonly string[] {
  const hints = [...plant.machines.flatMap(machineHints), ...[...plant.scopes.values()].flatMap(scopeHints)];
  if (hints.length <= HINTS_SHOWN_MAX) return hints;
  return [...hints.slice(0, HINTS_SHOWN_MAX), `and ${counted(hints.length - HINTS_SHOWN_MAX, "more hint")}`];
}

function machineHints(machine: Machine): readonly string[] {
  const { id, idealCycleUs, taktUs, staleAfterMs, pulseGapMs, maxRateMillionths, piecesPerCount, unit, decimals } =
    machine;
  const hints: string[] = [];
  if (maxRateMillionths !== null && idealCycleUs !== null) {
    // As the counter shows it (CN-8): a count of 1 is several pieces.
    const idealRate = HOUR_US / idealCycleUs / piecesPerCount;
    const maxRate = maxRateMillionths / MILLION;
    if (maxRate < idealRate) {
      hints.push(
        `${id}: maxRatePerHour ${amount(maxRate, 0)} is below the ideal ${amount(idealRate, 0)} an hour: true totals will be doubted`,
      );
    }
  }
  if (pulseGapMs !== null && staleAfterMs !== null && staleAfterMs <= pulseGapMs) {
    hints.push(
      `${id}: staleAfter ${duration(staleAfterMs)} is not above pulseGap ${duration(pulseGapMs)}: without counts it is unknown before it is idle`,
    );
  }
  if (taktUs !== null && idealCycleUs !== null && taktUs < idealCycleUs) {
    hints.push(
      `${id}: taktSeconds ${taktUs / MILLION} is below idealCycleSeconds ${idealCycleUs / MILLION}: its target is more than it can make`,
    );
  }
  if (decimals > 0 && unit === DEFAULT_UNIT) {
    hints.push(`${id}: decimals ${decimals} and no unit: quantities are shown as pieces (${DEFAULT_UNIT})`);
  }
  return hints;
}

/** Only where the units meet: what is above has them too. */
function scopeHints({ path, unit, members, children }: Scope): readonly string[] {
  if (unit !== null || children.some((child) => child.unit === null)) return [];
  const units = [...new Set(members.map((machine) => machine.unit))].slice(0, 5).join(", ");
  return [`${path}: its machines count in several units (${units}): its quantities are sums of unlike things`];
}
