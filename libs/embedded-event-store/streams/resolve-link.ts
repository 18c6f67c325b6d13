import { readLinkFrame, type UuidForm } from '../protocol/read-responses.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { recordData } from '../storage/record.js';
import { isYoungEnough, viewStream } from './stream-view.js';

export const LINK_TYPE = '$>';

/** How entries go to one reader. */
export type Framer = (entry: LogEntry) => Buffer;

/**
 * Frames entries as a reader asked for them: ids in its form, links followed or not. A link whose event can't be read
 * (any more) goes alone, one that names no revision is an event like others (StorageReaderWorker.cs, ResolveLinkToEvent).
 */
export const framerFor = (log: EventLog, request: { uuids: UuidForm; resolveLinks: boolean }): Framer => {
  const { uuids, resolveLinks } = request;
  if (!resolveLinks) return (entry) => entry.frame(uuids);
  return (entry) => {
    const link = entry.type === LINK_TYPE ? readLink(entry) : undefined;
    return link ? readLinkFrame(entry, eventNamed(log, link), uuids) : entry.frame(uuids);
  };
};

interface Link {
  readonly revision: number;
  readonly stream: string;
}

/** `<revision>@<stream>` in the data of a link. */
const readLink = (entry: LogEntry): Link | undefined => {
  const text = recordData(entry.record).toString();
  const groups = /^\s*(?<revision>\d{1,19})\s*(?:@(?<stream>.*))?$/su.exec(text)?.groups;
  return groups && { revision: Number(groups['revision']), stream: groups['stream'] ?? '' };
};

/** The event a link names; undefined if there is none that may be read. */
const eventNamed = (log: EventLog, { revision, stream }: Link): LogEntry | undefined => {
  const view = viewStream(log, stream, Date.now());
  if (view.kind !== 'readable' || revision < view.first || revision > view.last) return undefined;
  const event = log.entryAt(view.id, revision);
  return event && isYoungEnough(event, view.oldest) ? event : undefined;
};

/** The event a link leads to; undefined if it names none, or none that may be read. */
export const linkedEvent = (log: EventLog, entry: LogEntry): LogEntry | undefined => {
  const link = readLink(entry);
  return link && eventNamed(log, link);
};
