import type { ReactElement } from "react";
import type { EffectAnswer } from "@oee/protocol";

const WIDTH = 160;
const HEIGHT = 24;
/** Space beyond the ends of the interval, as a share of its width. */
const MARGIN = 0.15;

/** Draws an effect as a point on its interval, with a mark at 0; nothing where there is too little data. Its numbers stand beside it. */
export function Interval(props: { readonly effect: EffectAnswer }): ReactElement | null {
  const { effect, low, high } = props.effect;
  if (effect === undefined || low === undefined || high === undefined) return null;
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  const room = (most - least || 1) * MARGIN;
  const x = (value: number): number => ((value - least + room) / (most - least + 2 * room)) * WIDTH;
  return (
    <svg
      className="interval"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
      focusable="false"
    >
      <line x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} className="interval-zero" />
      <line x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} className="interval-span" />
      <circle cx={x(effect)} cy={HEIGHT / 2} r={4} className="interval-effect" />
    </svg>
  );
}
