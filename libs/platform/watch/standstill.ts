/** The work of a component: how much waits to be done now, and how much was ever done. */
export type Marks = Readonly<{ waiting: number; done: number }>;

/** A component whose work waits, and for how many checks none of it was done. */
export type Standstill = Readonly<{ done: number; looks: number }>;

/**
 * Returns the result of a check, given that of the check before: undefined while the component is idle or moves. Time
 * is counted in checks of this process, so that a process which was itself suspended blames no component.
 */
export const standstillAfter = (
  before: Standstill | undefined,
  { waiting, done }: Marks,
): Standstill | undefined => {
  if (waiting === 0) return undefined;
  return before?.done === done ? { done, looks: before.looks + 1 } : { done, looks: 0 };
};
