import type { DecisionEvent } from './decision.events.js';

/** Only for an event that was read and found not to be understood: the rules can't look. */
export type SetEventAside = Readonly<{
  type: 'SetEventAside';
  stream: string;
  revision: number;
  reason: string;
  keyId: string;
}>;

/** Which events are set aside. */
export type SetAside = Readonly<{ has(stream: string, revision: number): boolean }>;

/** The first decision stands: another about the same event changes nothing. */
export const decideSetAside = (
  { stream, revision, reason, keyId }: SetEventAside,
  decided: SetAside,
): DecisionEvent[] =>
  decided.has(stream, revision) ? [] : [{ type: 'EventSetAside', data: { stream, revision, reason, keyId } }];
