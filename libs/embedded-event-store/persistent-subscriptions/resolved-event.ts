import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { LINK_TYPE, linkedEvent } from '../streams/resolve-link.js';

/** An event with the link that led to it, if any. When the event of a link is gone, only the link is present. */
export type ResolvedEvent =
  | { readonly event: LogEntry; readonly link: LogEntry | undefined }
  | { readonly event: undefined; readonly link: LogEntry };

/** Follows a link to its event, if that may still be read. Any other entry is itself the event. */
export const resolve = (log: EventLog, entry: LogEntry): ResolvedEvent =>
  entry.type === LINK_TYPE
    ? { event: linkedEvent(log, entry), link: entry }
    : { event: entry, link: undefined };

/** Returns the entry found in the followed stream: the link, if there is one. Consumers answer with its id. */
export const originalOf = (resolved: ResolvedEvent): LogEntry =>
  resolved.event === undefined ? resolved.link : (resolved.link ?? resolved.event);
