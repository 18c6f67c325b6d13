/** The answer to an accepted message: its place in the channel, and when the store recorded it (ISO 8601, UTC). */
export type Posted = Readonly<{ id: string; channel: string; seq: number; at: string; duplicate?: true }>;
