/** Returns an error for work that is not done after this many milliseconds. */
export const tookTooLong = (ms: number) => (): Error => new Error(`It took longer than ${ms / 1000} s`);
