/** Returns the whole numbers from `first` to `last`, both included, or nothing if `last` comes before `first`. */
export const sequence = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
