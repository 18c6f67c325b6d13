import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { recordedEvent } from './recorded-event.js';

/** A place in the log. */
export const at = (commit: number): LogPosition => ({ commit: BigInt(commit), prepare: BigInt(commit) });

/** An event that means nothing, as it would come from the log at that place. */
export const positionedEvent = (stream: string, commit: number): PositionedEvent => ({
  ...recordedEvent(stream, 0, 'Noted', {}),
  position: at(commit),
});
