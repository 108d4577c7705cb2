/**
 * A plant in pieces, which a thread hands over one by one: as one message a plant of thousands of machines would hold up the
 * event loop while it is read. Objects that are shared, or lead back to themselves (a scope and its parent), come out so again;
 * time zones go by name.
 */
import { Zone, type ZoneDatabase } from "@oee/model";
import type { GiveWay } from "@oee/pacing";

type Primitive = string | number | boolean | null | undefined;

/** Some of the objects, in the order in which they were found; the plant itself is the first of the first piece. */
export interface Piece {
  /** Two numbers an object: its form (an index into all shapes so far, or `LIST`, `MAP`, `ZONE`), and how many members it has. */
  readonly objects: Int32Array;
  /** Keys of objects, which many share; those that came with earlier pieces are not told again. */
  readonly shapes: readonly (readonly string[])[];
  /** For each member of each object in turn: the place of the object that it is, from 1 on; 0: it is the next of `values`. */
  readonly places: Int32Array;
  readonly values: readonly Primitive[];
  /** Names of its zones, in their order. */
  readonly zones: readonly string[];
}

const LIST = -1;
/** Its members are keys and values in turn. */
const MAP = -2;
/** It has no members. */
const ZONE = -3;
/** A piece has so many members; one object is never divided. */
const MEMBERS_MAX = 5_000;

/** The pieces of what is made of plain objects, lists, maps, zones and texts, numbers and the like. Throws on anything else. */
export function* piecesOf(root: object): Generator<Piece> {
  const found: object[] = [root];
  const placeOf = new Map<object, number>([[root, 1]]);
  const shapeOf = new Map<string, number>();
  let shapes: (readonly string[])[] = [];
  let objects: number[] = [];
  let places: number[] = [];
  let values: Primitive[] = [];
  let zones: string[] = [];
  const addMember = (value: unknown): void => {
    if (typeof value !== "object" || value === null) {
      places.push(0);
      values.push(primitive(value));
      return;
    }
    let place = placeOf.get(value);
    if (place === undefined) {
      placeOf.set(value, (place = found.length + 1));
      found.push(value);
    }
    places.push(place);
  };
  const shapeIndex = (keys: readonly string[]): number => {
    const text = JSON.stringify(keys);
    let index = shapeOf.get(text);
    if (index === undefined) {
      shapeOf.set(text, (index = shapeOf.size));
      shapes.push(keys);
    }
    return index;
  };
  const piece = (): Piece => ({
    objects: Int32Array.from(objects),
    shapes,
    places: Int32Array.from(places),
    values,
    zones,
  });
  // It grows while it is gone through.
  for (const object of found) {
    const { form, members } = takenApart(object, shapeIndex);
    if (object instanceof Zone) zones.push(object.name);
    objects.push(form, members.length);
    for (const member of members) addMember(member);
    if (places.length < MEMBERS_MAX) continue;
    yield piece();
    [shapes, objects, places, values, zones] = [[], [], [], [], []];
  }
  yield piece();
}

function takenApart(
  object: object,
  shapeIndex: (keys: readonly string[]) => number,
): { readonly form: number; readonly members: readonly unknown[] } {
  if (Array.isArray(object)) return { form: LIST, members: object };
  if (object instanceof Map) return { form: MAP, members: [...object].flat() };
  if (object instanceof Zone) return { form: ZONE, members: [] };
  if (Object.getPrototypeOf(object) !== Object.prototype) throw new Error(`a plant has a ${object.constructor.name}`);
  return { form: shapeIndex(Object.keys(object)), members: Object.values(object) };
}

function primitive(value: unknown): Primitive {
  if (value === null || value === undefined) return value;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new Error(`a plant has a ${typeof value}`);
}

/** What the pieces, all of them in their order, are of. `zones`: of the release that it was made with. Throws on an unknown zone. */
export async function putTogether(pieces: readonly Piece[], zones: ZoneDatabase, giveWay: GiveWay): Promise<object> {
  const shapes = pieces.flatMap((piece) => piece.shapes);
  // Empty ones first: each may lead to any other.
  const made: object[] = [];
  for (const piece of pieces) {
    let zone = 0;
    for (let i = 0; i < piece.objects.length; i += 2) {
      const form = piece.objects[i];
      made.push(
        form === LIST ? [] : form === MAP ? new Map() : form === ZONE ? zoneOf(piece.zones[zone++], zones) : {},
      );
    }
    if (giveWay.due) await giveWay.now();
  }
  let object = 0;
  for (const { objects, places, values } of pieces) {
    let [place, value] = [0, 0];
    for (let i = 0; i < objects.length; i += 2) {
      const members: unknown[] = [];
      for (let left = objects[i + 1] ?? 0; left > 0; left--) {
        const at = places[place++] ?? 0;
        members.push(at === 0 ? values[value++] : made[at - 1]);
      }
      fill(made[object++], shapes[objects[i] ?? ZONE] ?? [], members);
      if (giveWay.due) await giveWay.now();
    }
  }
  const [root] = made;
  if (root === undefined) throw new Error("a plant of no pieces");
  return root;
}

function zoneOf(name: string | undefined, zones: ZoneDatabase): object {
  const zone = zones.zone(name ?? "");
  if (zone === undefined) throw new Error(`the time zone ${name} is not in the release ${zones.release}`);
  return zone;
}

function fill(object: object | undefined, keys: readonly string[], members: readonly unknown[]): void {
  if (Array.isArray(object)) for (const member of members) object.push(member);
  else if (object instanceof Map) for (let i = 0; i < members.length; i += 2) object.set(members[i], members[i + 1]);
  else keys.forEach((key, i) => ((object as Record<string, unknown>)[key] = members[i]));
}
