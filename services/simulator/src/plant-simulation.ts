/**
 * The digital twin of a plant: a pure, synchronous simulation that is pulled forward in time and yields the plant's
 * events in order of time, as the contract writes them. It knows no clock, no timer and no randomness but its seed:
 * the same plant, seed, options and `from` give the same events, in whatever chunks they are asked for.
 * Lines do not influence each other: adding one leaves the events of the others as they are.
 */
import { CalendarClock } from "@oee/calendar";
import type { Machine, Plant } from "@oee/model";
import { habitsOf } from "./habits.ts";
import { Line } from "./line.ts";
import { MachineVoice, type VoiceOptions } from "./machine-voice.ts";
import { OrderBook } from "./order-book.ts";
import { fittingReasons, ReasonChoice, vagueReason } from "./reason-choice.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import { MachineStory, NO_STORY, type Story } from "./story.ts";
import type { WireEvent } from "./wire-event.ts";

/** How long the plant is simulated before `from` without making events, so that at `from` it is in the midst of its work. */
const WARM_UP_MS = 12 * 3_600_000;
const COUNT_EVERY_SECONDS = 5;
const HEARTBEAT_SHARE = 0.4;

export interface PlantSimulationOptions {
  readonly seed: string | number;
  /** The first instant (epoch ms) of which there are events. */
  readonly from: number;
  /** How often a running machine reports its counts, in whole seconds; default 5. */
  readonly countEverySeconds?: number;
  /** Whether events carry an `id` (CN-4); default yes. */
  readonly ids?: boolean;
  /** Length of a step of each machine, in whole seconds; default 1. Longer steps make a long simulation cheaper and coarser. */
  readonly stepSeconds?: number;
  /** The share of `staleAfter` after which a silent machine repeats its state; default 0.4. */
  readonly heartbeatShare?: number;
  /**
   * Whether counters that roll over report totals; default yes. Set it to no where another simulation of the plant follows:
   * its first total would be taken for a rollover (CN-2). These machines then report the quantities made since the last count.
   */
  readonly rollovers?: boolean;
  /** What happens over months; default nothing. */
  readonly story?: Story;
  /** The path of a line, or of a part of the plant: only its lines are simulated. Their events are those of the whole plant's simulation. */
  readonly scope?: string;
}

export class PlantSimulation {
  /** Where simulated time begins (epoch ms): 12 hours of warm-up before `from`. */
  readonly startsAt: number;
  readonly #machines: readonly SimulatedMachine[];
  readonly #stepMs: number;
  readonly #out: WireEvent[] = [];
  /** The next step is that of the machine at `#place` in the second that begins at `#second` (epoch ms). */
  #second: number;
  #place = 0;

  /** Throws `RangeError` for a `from`, `countEverySeconds` or `stepSeconds` that is no whole number in range. */
  constructor(plant: Plant, options: PlantSimulationOptions) {
    const countEverySeconds = options.countEverySeconds ?? COUNT_EVERY_SECONDS;
    if (!Number.isInteger(countEverySeconds) || countEverySeconds < 1) {
      throw new RangeError(`countEverySeconds is ${countEverySeconds}; expected a whole number from 1`);
    }
    const stepSeconds = options.stepSeconds ?? 1;
    if (!Number.isInteger(stepSeconds) || stepSeconds < 1) {
      throw new RangeError(`stepSeconds is ${stepSeconds}; expected a whole number from 1`);
    }
    if (!Number.isSafeInteger(options.from)) {
      throw new RangeError(`from is ${options.from}; expected epoch milliseconds`);
    }
    const voice: VoiceOptions = {
      seed: options.seed,
      from: options.from,
      countEveryMs: countEverySeconds * 1000,
      ids: options.ids ?? true,
      heartbeatShare: options.heartbeatShare ?? HEARTBEAT_SHARE,
      rollovers: options.rollovers ?? true,
    };
    this.#stepMs = stepSeconds * 1000;
    this.startsAt = Math.floor((options.from - WARM_UP_MS) / this.#stepMs) * this.#stepMs;
    this.#second = this.startsAt;
    // Machines are stepped in order of their phase within the second, so that events come in order of time without sorting.
    this.#machines = machinesOf(plant, options, voice, this.#stepMs, this.#out).toSorted(
      (a, b) => a.phaseMs - b.phaseMs,
    );
  }

  /**
   * The events before an instant that no call has given yet, in order of time, computed as they are taken. A caller that
   * stops early gets the rest from the next call.
   */
  *nextUntil(untilMs: number): Generator<WireEvent, void, undefined> {
    yield* this.#drain();
    for (; this.#second < untilMs; this.#second += this.#stepMs) {
      for (let machine = this.#machines[this.#place]; machine !== undefined; machine = this.#machines[this.#place]) {
        const at = this.#second + machine.phaseMs;
        if (at >= untilMs) return;
        this.#place++;
        if (at < machine.wakeAt) continue;
        machine.step(at);
        if (this.#out.length > 0) yield* this.#drain();
      }
      this.#place = 0;
    }
  }

  *#drain(): Generator<WireEvent, void, undefined> {
    for (let event = this.#out.shift(); event !== undefined; event = this.#out.shift()) yield event;
  }
}

function machinesOf(
  plant: Plant,
  { story = NO_STORY, scope }: PlantSimulationOptions,
  voice: VoiceOptions,
  stepMs: number,
  out: WireEvent[],
): SimulatedMachine[] {
  const { seed } = voice;
  const vague = vagueReason(plant);
  const reasons = fittingReasons(plant);
  const clocks = new Map<string, CalendarClock>();
  const clockOf = ({ calendar, timezone }: Machine): CalendarClock => {
    const key = calendar === null ? "" : `${calendar.name}\u0000${timezone.name}`;
    let clock = clocks.get(key);
    if (clock === undefined) clocks.set(key, (clock = new CalendarClock(calendar, timezone)));
    return clock;
  };
  const within = scope === undefined || scope === "*" ? "" : scope;
  const lines = [...plant.scopes.values()].filter(
    ({ kind, path }) => kind === "line" && (within === "" || path === within || path.startsWith(`${within}/`)),
  );
  return lines.flatMap(({ path: id, machines }) => {
    const line = new Line(seed, id, new OrderBook(seed, plant, id, machines, story.seasons));
    const simulated = machines.map((machine) => {
      const habits = habitsOf(seed, machine, id, machines.length);
      return new SimulatedMachine(seed, {
        machine,
        habits,
        clock: clockOf(machine),
        voice: new MachineVoice(machine, habits, voice, out),
        reasons: new ReasonChoice(seed, machine.id, reasons, vague),
        line,
        story: new MachineStory(story, machine.id),
        stepMs,
      });
    });
    line.connect(simulated);
    return simulated;
  });
}
