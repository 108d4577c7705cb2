/** What can be asked about: levels of the plant, and periods. Types, schemas and the choices of the command line follow from these lists. */

/** The levels of the plant, from the whole down. */
export const SCOPE_KINDS = ["enterprise", "site", "area", "line", "machine"] as const;

export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** What there is an answer for: an element per machine, line, …, or per product of a machine. */
export const LEVELS = ["machine", "line", "area", "site", "enterprise", "product"] as const;

export type By = (typeof LEVELS)[number];

/** The periods that an answer is cut into (PE-2, PE-5): each has an element of its own. */
export const PERIODS = ["minute", "hour", "shift", "day", "week", "month", "quarter", "year"] as const;

export type Every = (typeof PERIODS)[number];
