/** Tells a later stage of the worker, which an earlier one does not know, that there is something to do. */
export class Signal {
  #listen: () => void = () => undefined;

  /** Calls `listen` at each `raise` from now on, in place of who listened before. */
  on(listen: () => void): void {
    this.#listen = listen;
  }

  raise(): void {
    this.#listen();
  }
}
