/** The whole numbers from `first` to `last`, both included; empty if `last` comes before. */
export const sequence = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
