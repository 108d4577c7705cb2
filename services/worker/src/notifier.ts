/** Tells a later stage of the worker, which an earlier one does not know, that there is something to do. */
export class Notifier {
  #listen: () => void = () => undefined;

  /** Calls `listen` at each `notify` from now on, in place of who listened before. */
  on(listen: () => void): void {
    this.#listen = listen;
  }

  notify(): void {
    this.#listen();
  }
}
