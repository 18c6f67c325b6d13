import { isSoftDeleted, retentionOf } from '../rules/retention.js';
import { isMetastream, originalStreamOf } from '../storage/stream-state.js';

/** What the projections look at of an event. */
export interface SourceEvent {
  readonly stream: string;
  readonly type: string;
  /** As text, for a tombstone has the largest of 64 bits. */
  readonly revision: string;
  readonly data: Buffer;
}

/** A link to be written, to the stream of a projection. */
export interface ProposedLink {
  readonly stream: string;
  readonly target: string;
  /** Of the link, beside where it comes from. */
  readonly metadata: Readonly<Record<string, string | number>>;
}

/**
 * The links `$by_category` and `$by_event_type` make of an event, as EventStoreDB's do
 * (CategorizeEventsByStreamPath.cs with `first` and `-`, IndexEventsByEventType.cs, TransactionFileEventFilter.cs):
 * events of system streams are left out, but for metadata of other streams.
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

/** Metadata is linked as if it were of its stream itself, for so does EventStoreDB. */
const typeLink = (event: SourceEvent, original: string): ProposedLink[] => {
  if (event.type === '$>') return [];
  const deletes = isDeletion(event);
  const stream = `$et-${deletes ? '$deleted' : event.type}`;
  return [{ stream, target: `${event.revision}@${original}`, metadata: deletes ? { $deleted: -1 } : {} }];
};

/** What stands before the first dash, if anything does. */
const categoryOf = (stream: string): string | undefined => {
  const end = stream.indexOf('-');
  return stream.startsWith('$') || end <= 0 ? undefined : stream.slice(0, end);
};

/** A tombstone, or metadata that deletes softly (StreamDeletedHelper.cs). */
const isDeletion = ({ stream, type, data }: SourceEvent): boolean =>
  isMetastream(stream) ? type === '$metadata' && isSoftDeleted(retentionOf(data)) : type === '$streamDeleted';
