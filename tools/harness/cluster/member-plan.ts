/** What a member's process is started with, as JSON. */
export type MemberPlan = Readonly<{
  self: number;
  /** Of all members; calls over TCP, heartbeats over UDP. */
  ports: readonly number[];
  /** Where the one store behind all members listens. */
  storePort: number;
  silenceMs: number;
  electionMs: number;
}>;

/** Every member is named by this address. */
export const HOST = '127.0.0.1';

/** What a member is told on stdin, a line each. */
export const TAKE_THE_LEAD = 'take the lead';

/** What a member says on stdout, a line each. */
export type MemberSays = Readonly<{ ready: true } | { leads: true; term: number }>;
