/** Returns the sample at index ⌊share × count⌋ of sorted samples, or the last one; NaN if there are none. */
const percentile = (sorted: ArrayLike<number>, share: number): number =>
  sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

export const median = (samples: readonly number[]): number =>
  percentile(
    samples.toSorted((one, other) => one - other),
    0.5,
  );

export type Spread = Readonly<{ samples: number; mean: number; p50: number; p99: number; max: number }>;

export const spreadOf = (samples: Float64Array): Spread => {
  const sorted = samples.toSorted();
  return {
    samples: sorted.length,
    mean: round(sorted.reduce((sum, value) => sum + value, 0) / sorted.length),
    p50: round(percentile(sorted, 0.5)),
    p99: round(percentile(sorted, 0.99)),
    max: round(percentile(sorted, 1)),
  };
};

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Holds millions of samples without an object for each. */
export class Samples {
  private values: Float64Array;
  private count = 0;

  constructor(expected = 1 << 16) {
    this.values = new Float64Array(expected);
  }

  clear(): void {
    this.count = 0;
  }

  addSample(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count] = value;
    this.count += 1;
  }

  spread(): Spread {
    return spreadOf(this.values.subarray(0, this.count));
  }
}
