import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { recordData } from '../storage/record.js';
import { isYoungEnough, viewStream } from '../streams/stream-view.js';

/** An event, and the link by which it was found. An event that is gone leaves a link alone. */
export interface ResolvedEvent {
  readonly event: LogEntry | undefined;
  readonly link: LogEntry | undefined;
}

export const LINK_TYPE = '$>';

/** The event a link names (`<revision>@<stream>`), if it still may be read; any other event is its own. */
export const resolve = (log: EventLog, entry: LogEntry): ResolvedEvent => {
  if (entry.type !== LINK_TYPE) return { event: entry, link: undefined };
  return { event: linkedEvent(log, recordData(entry.record).toString()), link: entry };
};

const linkedEvent = (log: EventLog, link: string): LogEntry | undefined => {
  const match = /^(?<revision>\d{1,15})@(?<stream>.+)$/su.exec(link);
  if (!match?.groups) return undefined;
  const revision = Number(match.groups['revision']);
  const view = viewStream(log, match.groups['stream']!, Date.now());
  if (view.kind !== 'readable' || revision < view.first || revision > view.last) return undefined;
  const event = log.entryAt(view.id, revision);
  return event && isYoungEnough(event, view.oldest) ? event : undefined;
};
