/** The answer to an accepted message: where it lies and when the store recorded it. */
export type Posted = Readonly<{ id: string; channel: string; seq: number; at: string; duplicate?: true }>;
