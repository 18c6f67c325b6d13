import { readLinkFrame, type UuidForm } from '../protocol/read-responses.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { recordData } from '../storage/record.js';
import { isYoungEnough, viewStream } from './stream-view.js';

const LINK_TYPE = '$>';

/** How entries go to one reader. */
export type Framer = (entry: LogEntry) => Buffer;

/**
 * Frames entries as a reader asked for them: ids in its form, links followed or not. A link whose event can't be read
 * (any more) goes alone (StorageReaderWorker.cs, ResolveLinkToEvent).
 */
export const framerFor = (log: EventLog, request: { uuids: UuidForm; resolveLinks: boolean }): Framer => {
  const { uuids, resolveLinks } = request;
  if (!resolveLinks) return (entry) => entry.frame(uuids);
  return (entry) =>
    entry.type === LINK_TYPE
      ? readLinkFrame(entry, linkedEvent(log, recordData(entry.record).toString()), uuids)
      : entry.frame(uuids);
};

/** The event a link names, `<revision>@<stream>`; undefined if there is none that may be read. */
const linkedEvent = (log: EventLog, link: string): LogEntry | undefined => {
  const groups = /^\s*(?<revision>\d{1,15})\s*@(?<stream>.+)$/su.exec(link)?.groups;
  if (!groups) return undefined;
  const revision = Number(groups['revision']);
  const view = viewStream(log, groups['stream']!, Date.now());
  if (view.kind !== 'readable' || revision < view.first || revision > view.last) return undefined;
  const event = log.entryAt(view.id, revision);
  return event && isYoungEnough(event, view.oldest) ? event : undefined;
};
