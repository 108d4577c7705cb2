/** The folder of this package: sources, and the bundle that is made of them, lie in folders of it. */
export const PACKAGE: URL = new URL("..", import.meta.url);
