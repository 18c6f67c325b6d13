import { isSoftDeleted, retentionOf } from '../rules/retention.js';
import { isMetastream, originalStreamOf } from '../storage/stream-state.js';

/** The parts of an event that the projections look at. */
export interface SourceEvent {
  readonly stream: string;
  readonly type: string;
  /** Revision as text, because a tombstone has the largest 64-bit number. */
  readonly revision: string;
  readonly data: Buffer;
}

/** A link to append to a stream of a projection. */
export interface ProposedLink {
  readonly stream: string;
  readonly target: string;
  /** Metadata of the link, besides the position it comes from. */
  readonly metadata: Readonly<Record<string, string | number>>;
}

/**
 * Returns the links that `$by_category` and `$by_event_type` make for an event, as EventStoreDB's do
 * (CategorizeEventsByStreamPath.cs with `first` and `-`, IndexEventsByEventType.cs, TransactionFileEventFilter.cs).
 * Events of system streams get none, except the metadata of other streams.
 */
export const linksOfEvent = (event: SourceEvent): ProposedLink[] => {
  const original = isMetastream(event.stream) ? originalStreamOf(event.stream) : event.stream;
  if (original.startsWith('$') || original === '') return [];
  return [...categoryLink(event, original), ...typeLink(event, original)];
};

const categoryLink = (event: SourceEvent, original: string): ProposedLink[] => {
  const deletes = isDeletion(event);
  const category = categoryOf(deletes ? original : event.stream);
  if (category === undefined) return [];
  const target = event.type === '$>' ? event.data.toString() : `${event.revision}@${event.stream}`;
  const metadata = { $o: deletes ? original : event.stream, ...(deletes && { $deleted: -1 }) };
  return [{ stream: `$ce-${category}`, target, metadata }];
};

/** Links metadata as if it belonged to the stream itself, because EventStoreDB does so. */
const typeLink = (event: SourceEvent, original: string): ProposedLink[] => {
  if (event.type === '$>') return [];
  const deletes = isDeletion(event);
  const stream = `$et-${deletes ? '$deleted' : event.type}`;
  return [{ stream, target: `${event.revision}@${original}`, metadata: deletes ? { $deleted: -1 } : {} }];
};

/** Returns the text before the first dash, if there is any. */
const categoryOf = (stream: string): string | undefined => {
  const end = stream.indexOf('-');
  return stream.startsWith('$') || end <= 0 ? undefined : stream.slice(0, end);
};

/** Returns whether the event is a tombstone, or metadata of a soft delete (StreamDeletedHelper.cs). */
const isDeletion = ({ stream, type, data }: SourceEvent): boolean =>
  isMetastream(stream) ? type === '$metadata' && isSoftDeleted(retentionOf(data)) : type === '$streamDeleted';
