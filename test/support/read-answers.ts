import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { storedEvent } from './stored-event.js';

const { ReadResp } = streams;
type Filled = InstanceType<typeof ReadResp>;

const answer = (fill: (answer: Filled) => void): Buffer => {
  const filled = new ReadResp();
  fill(filled);
  return Buffer.from(filled.serializeBinary());
};

const readEvent = (
  given: Parameters<typeof storedEvent>[0] = {},
): InstanceType<typeof ReadResp.ReadEvent> => {
  const event = storedEvent(given);
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(event.eventId);
  recorded.setId(id);
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Buffer.from(event.stream));
  recorded.setStreamIdentifier(stream);
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(event.position.commit.toString());
  recorded.setPreparePosition(event.position.prepare.toString());
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('created', event.ticks.toString())
    .set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  recorded.setCustomMetadata(event.metadata);
  recorded.setData(event.data);
  const read = new ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(event.position.commit.toString());
  return read;
};

/** Answers to a read, as a server of EventStoreDB's protocol sends them, encoded by the generated classes. */
export const readAnswers = {
  event: (given: Parameters<typeof storedEvent>[0] = {}): Buffer =>
    answer((a) => a.setEvent(readEvent(given))),
  checkpoint: ({ commit, prepare }: LogPosition): Buffer =>
    answer((a) => {
      const checkpoint = new ReadResp.Checkpoint();
      checkpoint.setCommitPosition(commit.toString());
      checkpoint.setPreparePosition(prepare.toString());
      a.setCheckpoint(checkpoint);
    }),
  confirmed: answer((a) => {
    const confirmation = new ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId('s');
    a.setConfirmation(confirmation);
  }),
  caughtUp: answer((a) => a.setCaughtUp(new ReadResp.CaughtUp())),
  fellBehind: answer((a) => a.setFellBehind(new ReadResp.FellBehind())),
  streamNotFound: answer((a) => a.setStreamNotFound(new ReadResp.StreamNotFound())),
  /** Says where a stream begins or ends. */
  revisionHint: (which: 'first' | 'last', revision: string): Buffer =>
    answer((a) =>
      which === 'first' ? a.setFirstStreamPosition(revision) : a.setLastStreamPosition(revision),
    ),
  danglingLink: answer((a) => {
    const read = readEvent();
    read.setLink(read.getEvent());
    read.clearEvent();
    a.setEvent(read);
  }),
};
