import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { recordedEvent } from './recorded-event.js';

/** A position in the log. */
export const at = (commit: number): LogPosition => ({ commit: BigInt(commit), prepare: BigInt(commit) });

/** Returns an event as it would come from the log at that position. Its content means nothing. */
export const positionedEvent = (stream: string, commit: number): PositionedEvent => ({
  ...recordedEvent(stream, 0, 'Noted', {}),
  position: at(commit),
});
