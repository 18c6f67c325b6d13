import type { DecisionEvent } from './decision.events.js';

/**
 * Sets an event aside. The caller must have read the event and found that it cannot be decoded, because these
 * rules cannot check that.
 */
export type SetEventAside = Readonly<{
  type: 'SetEventAside';
  stream: string;
  revision: number;
  reason: string;
  keyId: string;
}>;

/** The events that are already set aside. */
export type SetAside = Readonly<{ has(stream: string, revision: number): boolean }>;

/**
 * Decides to set an event aside. The first decision stands: a second one about the same event changes
 * nothing.
 */
export const decideSetAside = (
  { stream, revision, reason, keyId }: SetEventAside,
  decided: SetAside,
): DecisionEvent[] =>
  decided.has(stream, revision) ? [] : [{ type: 'EventSetAside', data: { stream, revision, reason, keyId } }];
