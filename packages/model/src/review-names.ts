/**
 * Names of the review: kinds of entries, and how targets, actions, pilots and alerts stand. Types, schemas and screens
 * follow from these lists.
 */
import { OEE_RATIOS } from "./kpis.ts";

/** What people enter (RE-1). */
export const ENTRY_TYPES = [
  "baseline",
  "target",
  "pilot",
  "action",
  "review",
  "acknowledgement",
  "closing",
  "structure",
] as const;

export type EntryType = (typeof ENTRY_TYPES)[number];

/** What every review shows (RV-1), in this order; what targets aim at besides comes after. */
export const REVIEW_MEASURES: readonly string[] = [
  ...OEE_RATIOS,
  "unplannedDowntimeShare",
  "downtimeFrequency",
  "meanStopDuration",
  "mttr",
  "mtbf",
];

/** How a target stands in a period (TG-5). */
export const TARGET_STATUSES = ["not-begun", "no-data", "met", "missed", "ahead", "on-track", "behind"] as const;

export type TargetStatus = (typeof TARGET_STATUSES)[number];

/** How a goal of the scorecard stands (SC-1, SC-2). */
export const GOAL_STATUSES = ["met", "missed", "no-data"] as const;

export type GoalStatus = (typeof GOAL_STATUSES)[number];

/** How far an improvement action has come (AC-1). */
export const ACTION_STATES = ["cancelled", "done", "started", "open"] as const;

export type ActionState = (typeof ACTION_STATES)[number];

/** Whether what an action did has lasted (AC-3). */
export const HOLDS = ["held", "not-held", "no-effect-shown", "measuring", "too-little-data"] as const;

export type Holds = (typeof HOLDS)[number];

/** What an effect comes to (PI-6). */
export const VERDICTS = ["too-little-data", "drifting-before", "improved", "worse", "no-clear-change"] as const;

export type Verdict = (typeof VERDICTS)[number];

/** How an alert stands (AL-2). */
export const ALERT_STATES = ["open", "acknowledged", "resolved"] as const;

export type AlertState = (typeof ALERT_STATES)[number];

/** What an alert rule looks for (AL-1). */
export const ALERT_KINDS = ["stop", "no-reason", "kpi", "silent", "late", "behind"] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

/** What is sent about an alert (AL-4): that a step was reached, or that there was none after all. */
export const MESSAGE_KINDS = ["step", "withdrawal"] as const;

export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** How far a message has come: some of its receivers have it, all have it, or it was given up. */
export const MESSAGE_STATES = ["sending", "sent", "not-sent"] as const;

export type MessageState = (typeof MESSAGE_STATES)[number];

/** The hops of an event's way (SC-3): to the log, to its computation, to the gateway, to its emission; and the whole way. */
export const HOPS = ["log", "compute", "gateway", "emit", "total"] as const;

export type Hop = (typeof HOPS)[number];
