import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { LINK_TYPE, linkedEvent } from '../streams/resolve-link.js';

/** An event, and the link by which it was found. A link whose event is gone is alone. */
export type ResolvedEvent =
  | { readonly event: LogEntry; readonly link: LogEntry | undefined }
  | { readonly event: undefined; readonly link: LogEntry };

/** The event a link names, if it still may be read; any other event is its own. */
export const resolve = (log: EventLog, entry: LogEntry): ResolvedEvent =>
  entry.type === LINK_TYPE
    ? { event: linkedEvent(log, entry), link: entry }
    : { event: entry, link: undefined };

/** What was found in the stream followed: the link, if there is one. Consumers answer with its id. */
export const originalOf = (resolved: ResolvedEvent): LogEntry =>
  resolved.event === undefined ? resolved.link : (resolved.link ?? resolved.event);
