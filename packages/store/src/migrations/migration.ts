/**
 * One change of the database: statements that may run again (`IF NOT EXISTS`, `MODIFY COLUMN`, `CREATE OR REPLACE VIEW`),
 * so that an interrupted or concurrent run is simply run once more. They are literal text, never made from code that may
 * change: their checksum is stored with every installation. `{onCluster}`, `{settings}`, `{merge version, deleted}`, `{sum count}` and `{aggregate}` are
 * filled in when they run (`migrate.ts`). One that begins with `{ifKnown NAME}` is left out where ClickHouse has no such setting of tables.
 */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}
