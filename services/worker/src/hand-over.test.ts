import fc from "fast-check";
import { expect, test } from "vitest";
import { misplacementOf, type Place, remedyOf, TakenPlaces } from "./hand-over.ts";

/**
 * Places of events that two workers hand over in turn: the owner of their partition, and one that has lost it and has not noticed.
 * Each hands over in order; the owner begins again at the committed offset.
 */
const handedOverTwice = fc
  .record({ events: fc.integer({ min: 1, max: 30 }), perRecord: fc.integer({ min: 1, max: 4 }), seed: fc.nat() })
  .chain(({ events, perRecord }) => {
    const places = Array.from(
      { length: events },
      (_, i): Place => ({
        partition: 3,
        offset: 100 + Math.floor(i / perRecord),
        index: i % perRecord,
      }),
    );
    return fc
      .record({
        lostAt: fc.integer({ min: 0, max: events }),
        from: fc.integer({ min: 0, max: events }),
        turns: fc.array(fc.boolean()),
      })
      .map(({ lostAt, from, turns }) => {
        const zombie = places.slice(0, lostAt);
        // The new owner begins at the committed offset, before which all events were handed over.
        const owner = places.slice(Math.min(from, lostAt));
        const begun = Math.min(from, lostAt);
        const seen = zombie.splice(0, begun);
        for (const turn of turns) {
          const next = turn ? zombie.shift() : owner.shift();
          if (next !== undefined) seen.push(next);
        }
        return { places, seen: [...seen, ...zombie, ...owner] };
      });
  });

test("P-5: events that are handed over several times, also by two workers, are each taken once and in order", () => {
  fc.assert(
    fc.property(handedOverTwice, fc.nat(30), ({ places, seen }, restoredAt) => {
      let taken = new TakenPlaces();
      const accepted: Place[] = [];
      seen.forEach((place, i) => {
        if (i === restoredAt) taken = new TakenPlaces(taken.places);
        if (taken.markTaken(place)) accepted.push(place);
      });
      expect(accepted).toEqual(places);
    }),
  );
});

test("P-5: a place taken in one partition does not make one of another partition count as taken", () => {
  const taken = new TakenPlaces();
  expect(taken.markTaken({ partition: 0, offset: 7, index: 0 })).toBe(true);
  expect(taken.markTaken({ partition: 1, offset: 3, index: 2 })).toBe(true);
  expect(taken.markTaken({ partition: 0, offset: 7, index: 0 })).toBe(false);
  expect(taken.markTaken({ partition: 1, offset: 3, index: 1 })).toBe(false);
});

test.each([
  { key: "berlin/packing/l1/filler", found: 0, cause: "partitioner", said: "partitioner=murmur2_random (librdkafka" },
  { key: "berlin/packing/l1/filler", found: 3, cause: "partitioner", said: "kafka.Murmur2Balancer{}" },
  { key: "line 1", found: 0, cause: "key", said: "its machine's id as key" },
  { key: null, found: 0, cause: "key", said: "its machine's id as key" },
  // Partition 2 of 8 is right by murmur2, but machines are dealt over fewer partitions.
  { key: "berlin/packing/l1/filler", found: 2, cause: "partitions", said: "oee topics" },
])("P-5: key $key in partition $found of 8 has the cause $cause and its remedy", ({ key, found, cause, said }) => {
  const machine = "berlin/packing/l1/filler";
  const told = misplacementOf(key === null ? null : Buffer.from(key), machine, found, 8);
  expect(told).toBe(cause);
  expect(remedyOf(told, machine, found, 8)).toContain(said);
});
