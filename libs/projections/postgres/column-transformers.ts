import type { ValueTransformer } from 'typeorm';

/** The driver gives `bigint` and `numeric` as text; a position is compared as a number and must keep every digit. */
export const asBigInt: ValueTransformer = {
  from: (stored: string | null) => (stored === null ? null : BigInt(stored)),
  to: (value: bigint | null | undefined) => value?.toString() ?? null,
};

/** For counts and seqs, which stay far below 2^53. */
export const asNumber: ValueTransformer = {
  from: (stored: string | null) => (stored === null ? null : Number(stored)),
  to: (value: number | null | undefined) => value ?? null,
};
