/** Work in steps that each take well below a millisecond. Who runs it decides whether other work has its turn between them. */
export type Steps<T> = Generator<undefined, T>;

/** Does all steps in one go. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
