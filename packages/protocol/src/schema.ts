/**
 * The words that the schemas are made of. A schema is plain JSON Schema, as OpenAPI 3.0 knows it (`nullable`), and carries the
 * TypeScript type of what it describes: `Static<typeof SCHEMA>`.
 */
import { Type, type Static, type TObject, type TProperties, type TSchema, type TUnsafe } from "typebox";

/** The type that a schema describes, with every field and list `readonly`. */
export type Described<S extends TSchema> = Frozen<Static<S>>;

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export const TEXT = Type.String();
export const NUMBER = Type.Number();
export const FLAG = Type.Boolean();
/** RFC 3339. */
export const INSTANT = Type.String({ format: "date-time" });
/** `yyyy-mm-dd`. */
export const DATE = Type.String({ format: "date" });
export const EPOCH_MS = Type.Integer({ description: "Epoch milliseconds" });

/** An amount of money (CS-5). */
export const MONEY = Type.String({
  pattern: "^-?[0-9]+(\\.[0-9]+)?$",
  description: "Money: a decimal text of the currency's minor unit, rounded half to even",
});

/** Or `null`. */
export function orNull<S extends TSchema>(schema: S, more: object = {}): TUnsafe<Static<S> | null> {
  const { enum: values } = schema as { readonly enum?: readonly unknown[] };
  return Type.Unsafe({
    ...schema,
    ...(values === undefined ? {} : { enum: [...values, null] }),
    nullable: true,
    ...more,
  });
}

/** Two values of a kind. */
export function pairOf<S extends TSchema>(schema: S, more: object = {}): TUnsafe<readonly [Static<S>, Static<S>]> {
  return Type.Unsafe({ type: "array", items: schema, minItems: 2, maxItems: 2, ...more });
}

/** One of some texts. */
export function oneOf<const T extends string>(values: readonly T[], more: object = {}): TUnsafe<T> {
  return Type.Unsafe({ type: "string", enum: [...values], ...more });
}

/** An object with one value of a kind under each name. */
export function each<const N extends string, S extends TSchema>(
  names: readonly N[],
  schema: S,
  more: object = {},
): TUnsafe<Record<N, Static<S>>> {
  const properties = Object.fromEntries(names.map((name) => [name, schema]));
  return Type.Unsafe({ type: "object", required: [...names], properties, ...more });
}

/** An object with values of a kind under any names. */
export function byName<S extends TSchema>(schema: S, more: object = {}): TUnsafe<Record<string, Static<S>>> {
  return Type.Unsafe({ type: "object", additionalProperties: schema, ...more });
}

/** How far the logs were read (RE-4). */
export const POSITION = byName(byName(Type.Integer()), {
  description: "By topic and partition, one past the newest offset that is reflected",
});

/** Of amounts of money beside it. */
export const CURRENCY = orNull(TEXT, { description: "ISO 4217, of the amounts; null: the plant file names none" });
/** What unplanned stops cost; other losses have no price (CS-1). */
export const LOSS_COSTS = orNull(Type.Object({ breakdowns: MONEY, otherUnplannedStops: MONEY }), {
  description: "Unplanned stops alone have a price (CS-1); null: no machine has a `costPerHour`",
});

/** The scope that a question is about. */
export const SCOPE = Type.String({
  default: "*",
  description: "`*`, `site`, `site/area`, `site/area/line` or `site/area/line/machine`",
});

/**
 * The query of a route, without any other parameter. One with a default may be left out of a request, and is there once the
 * request has been checked.
 */
export function parameters<P extends TProperties>(properties: P): TUnsafe<Static<TObject<P>>> {
  const { required = [], ...object } = Type.Object(properties, { additionalProperties: false }) as {
    readonly required?: readonly string[];
  };
  const needed = required.filter((name) => !("default" in (properties[name] ?? {})));
  return Type.Unsafe({ ...object, ...(needed.length > 0 ? { required: needed } : {}) });
}
