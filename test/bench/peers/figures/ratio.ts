import type { Figure } from './figure.js';
import type { Summary } from './summary.js';

/** Returns a figure of one summary divided by that of another; undefined where one of them has none. */
export const ratioOf = (
  figure: Figure,
  of: Summary | undefined,
  to: Summary | undefined,
): number | undefined => {
  const [above, below] = [of?.figures[figure]?.median, to?.figures[figure]?.median];
  return above === undefined || below === undefined || below === 0 ? undefined : above / below;
};
