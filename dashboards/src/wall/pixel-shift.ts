/** Moves the picture by 4 pixels each minute, in a round of eight minutes, so that nothing burns in (W-6). */
const SHIFT_EVERY_MS = 60_000;
const SHIFT_PX = 4;
const ROUND: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
];

export function startPixelShift(element: HTMLElement): () => void {
  let step = 0;
  const timer = setInterval(() => {
    step = (step + 1) % ROUND.length;
    const [x, y] = ROUND[step] ?? [0, 0];
    element.style.transform = `translate(${x * SHIFT_PX}px, ${y * SHIFT_PX}px)`;
  }, SHIFT_EVERY_MS);
  return () => clearInterval(timer);
}
