import { deleteResponse, readExpectedRevision } from '../protocol/append-messages.js';
import { readStreamName } from '../protocol/proposed-events.js';
import { streamDeleted, wrongExpectedVersion } from '../protocol/store-errors.js';
import { WireReader } from '#libs/protobuf/wire.js';
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

const readRequest = (bytes: Buffer): { stream: string; expected: ExpectedRevision } => {
  const request = new WireReader(bytes);
  let stream = '';
  let expected: ExpectedRevision | undefined;
  while (request.next()) {
    if (request.field !== 1) {
      request.skip();
      continue;
    }
    const options = request.message();
    while (options.next()) {
      if (options.field === 1) stream = readStreamName(options.message());
      else expected = readExpectedRevision(options) ?? expected;
    }
  }
  return { stream: checkStream(stream), expected: checkExpected(expected) };
};
