/** The argument of a member's process, as JSON. */
export type MemberPlan = Readonly<{
  self: number;
  /** The ports of all members, for calls over TCP and heartbeats over UDP. */
  ports: readonly number[];
  /** The port of the one store behind all members. */
  storePort: number;
  silenceMs: number;
  electionMs: number;
}>;

/** The host of every member. */
export const HOST = '127.0.0.1';

/** The order a member takes on stdin, as one line. */
export const TAKE_THE_LEAD = 'take the lead';

/** The messages a member prints on stdout, one per line. */
export type MemberSays = Readonly<{ ready: true } | { leads: true; term: number }>;
