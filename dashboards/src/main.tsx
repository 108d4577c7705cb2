/** The one entry of the dashboards: the path says which of them; only that one is loaded. Style sheets hang on index.html. */
async function start(root: HTMLElement): Promise<void> {
  const { startWall } = await import("./wall/start.tsx");
  await startWall(root);
}

const root = document.getElementById("root");
if (root !== null) void start(root);
