import type { ValueTransformer } from 'typeorm';

/**
 * Reads `bigint` and `numeric`, which the driver returns as text, as a bigint. A position is compared as a number and
 * must keep every digit.
 */
export const asBigInt: ValueTransformer = {
  from: (stored: string | null) => (stored === null ? null : BigInt(stored)),
  to: (value: bigint | null | undefined) => value?.toString() ?? null,
};

/** Reads counts and seqs as numbers. They stay far below 2^53. */
export const asNumber: ValueTransformer = {
  from: (stored: string | null) => (stored === null ? null : Number(stored)),
  to: (value: number | null | undefined) => value ?? null,
};
