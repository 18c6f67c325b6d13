import { readLinkFrame, type UuidForm } from '../protocol/read-responses.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { recordData } from '../record/record.js';
import { isYoungEnough, viewStream } from './stream-view.js';

export const LINK_TYPE = '$>';

/** Encodes an entry for one reader. */
export type Framer = (entry: LogEntry) => Buffer;

/**
 * Encodes entries as the reader asked: ids in its form, links followed or not. A link whose event can't be read (any
 * more) is sent alone, and a link that names no revision is treated like any other event (StorageReaderWorker.cs,
 * ResolveLinkToEvent).
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

/** Parses `<revision>@<stream>` in the data of a link. */
const readLink = (entry: LogEntry): Link | undefined => {
  const text = recordData(entry.record).toString();
  const groups = /^\s*(?<revision>\d{1,19})\s*(?:@(?<stream>.*))?$/su.exec(text)?.groups;
  return groups && { revision: Number(groups['revision']), stream: groups['stream'] ?? '' };
};

/** Returns the event that a link names; undefined if there is none that may be read. */
const eventNamed = (log: EventLog, { revision, stream }: Link): LogEntry | undefined => {
  const view = viewStream(log, stream, Date.now());
  if (view.kind !== 'readable' || revision < view.first || revision > view.last) return undefined;
  const event = log.entryAt(view.id, revision);
  return event && isYoungEnough(event, view.oldest) ? event : undefined;
};

/** Returns the event that an entry links to; undefined if it names none, or none that may be read. */
export const linkedEvent = (log: EventLog, entry: LogEntry): LogEntry | undefined => {
  const link = readLink(entry);
  return link && eventNamed(log, link);
};
