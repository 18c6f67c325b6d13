/** What a component shows of its work: how much waits to be done now, and how much was ever done. */
export type Marks = Readonly<{ waiting: number; done: number }>;

/** Work that waits, and for how many looks nothing of it has been done. */
export type Standstill = Readonly<{ done: number; looks: number }>;

/**
 * What a look at a component shows, given what the look before showed: undefined while it is idle or moves. Time is counted in
 * looks of this process, so that one that was stopped itself for a while blames nobody for it.
 */
export const standstillAfter = (
  before: Standstill | undefined,
  { waiting, done }: Marks,
): Standstill | undefined => {
  if (waiting === 0) return undefined;
  return before?.done === done ? { done, looks: before.looks + 1 } : { done, looks: 0 };
};
