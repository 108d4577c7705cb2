/**
 * Finds which records have become overdue without looking at all of them: each lies in the bucket of a second that is not after
 * the one in which it does. With tens of thousands of machines there is always one that becomes overdue next.
 */
export interface Watched {
  /** After this it is overdue (epoch ms). */
  staleAt: number;
  /** Whether it was found to be, since it was last watched. */
  overdue: boolean;
  /** The second of its bucket; `NaN`: it is in none. */
  bucket: number;
}

const BUCKET_MS = 1_000;

export class Overdue<R extends Watched> {
  readonly #buckets = new Map<number, R[]>();

  /** Watches a record, or goes on with a later or sooner `staleAt`. */
  watch(record: R): void {
    record.overdue = false;
    const bucket = Math.floor(record.staleAt / BUCKET_MS);
    // It is looked at in its bucket, and put into a later one then: a record that comes often moves once a minute.
    if (!(record.bucket <= bucket)) this.#put(record, bucket);
  }

  /** Watches a record no more. */
  forget(record: R): void {
    record.overdue = false;
    record.bucket = Number.NaN;
  }

  /** Marks and calls back for those that have become overdue at `now` (epoch ms). */
  lookAt(now: number, found: (record: R) => void): void {
    const second = Math.floor(now / BUCKET_MS);
    for (const bucket of [...this.#buckets.keys()]) {
      if (bucket > second) continue;
      const records = this.#buckets.get(bucket) ?? [];
      this.#buckets.delete(bucket);
      for (const record of records) {
        // It was put into a sooner one, or is watched no more.
        if (record.bucket !== bucket) continue;
        if (now <= record.staleAt) {
          this.#put(record, Math.floor(record.staleAt / BUCKET_MS));
          continue;
        }
        record.overdue = true;
        record.bucket = Number.NaN;
        found(record);
      }
    }
  }

  #put(record: R, bucket: number): void {
    record.bucket = bucket;
    const others = this.#buckets.get(bucket);
    if (others === undefined) this.#buckets.set(bucket, [record]);
    else others.push(record);
  }
}
