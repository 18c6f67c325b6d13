import messages from '@eventstore/db-client/generated/streams_pb.js';
import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import { deleteResponse } from '../protocol/append-messages.js';
import { streamDeleted, wrongExpectedVersion } from '../protocol/store-errors.js';
import { streamNameOf } from '../protocol/stream-name.js';
import type { ExpectedRevision } from '../rules/expected-revision.js';
import type { LogWriter } from '../storage/log-writer.js';
import { checkExpected, checkStream } from './append.handler.js';
import { submit } from './submit-change.js';

/**
 * Deletes a stream: softly, so that it can be written again and continues its revisions, or for good with a tombstone.
 * DeleteReq and TombstoneReq have the same form. @throws RpcError (Streams.Delete.cs)
 */
export const deleteStream = async (
  writer: LogWriter,
  kind: 'delete' | 'tombstone',
  request: Buffer,
): Promise<Buffer> => {
  const { stream, expected } = readRequest(request);
  const outcome = await submit(writer, { kind, stream, expected, events: [] });
  switch (outcome.kind) {
    case 'success':
      return deleteResponse(outcome.position);
    case 'wrong_expected_revision':
      throw wrongExpectedVersion('Delete', stream, expected, outcome.lastRevision);
    case 'stream_deleted':
      throw streamDeleted(stream);
  }
};

const { DeleteReq } = messages;

const readRequest = (bytes: Buffer): { stream: string; expected: ExpectedRevision } => {
  const options = decodeGenerated(DeleteReq, bytes).getOptions();
  return {
    stream: checkStream(streamNameOf(options?.getStreamIdentifier())),
    expected: checkExpected(options && expectedOf(options)),
  };
};

const expectedOf = (options: InstanceType<typeof DeleteReq.Options>): ExpectedRevision | undefined => {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'stream_exists' : undefined;
};
