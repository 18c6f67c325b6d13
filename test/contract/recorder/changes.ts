import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import { status, type ServiceError } from '@grpc/grpc-js';
import googleEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import { failureOf, identifier, type Streams } from './server.js';
import type { Scenario } from './scenario.js';

export type Expected = number | 'any' | 'no_stream' | 'stream_exists';

export interface Batch {
  readonly labels: readonly string[];
  readonly expected?: Expected;
  readonly data?: string;
  readonly ids?: readonly string[];
}

const SILENT_MS = 20_000;
const uuid = (text: string) => new shared.UUID().setString(text);

/** Appends by BatchAppend in a separate call, and resolves with the answer. */
export const append = (streams: Streams, s: Scenario, stream: string, batch: Batch): Promise<object> =>
  new Promise((resolve) => {
    const call = streams.batchAppend();
    const done = (answer: object): void => {
      clearTimeout(timer);
      call.cancel();
      resolve(answer);
    };
    const timer = setTimeout(() => done({ silent: `no answer within ${SILENT_MS} ms` }), SILENT_MS);
    call.on('data', (response) => done(answerOf(s, response, batch.labels.at(-1) ?? 'nothing')));
    call.on('error', (error: ServiceError) => {
      if (error.code !== status.CANCELLED) done(failureOf(error));
    });
    call.write(requestOf(stream, batch));
  });

const answerOf = (s: Scenario, response: InstanceType<typeof pb.BatchAppendResp>, label: string): object => {
  const success = response.getSuccess();
  if (!success) {
    const error = response.getError();
    const details = error?.getDetails()?.getTypeUrl().split('.').at(-1) ?? 'none';
    return { refused: error?.getMessage(), code: error?.getCode(), details };
  }
  const place = success.getPosition();
  const position = place && BigInt(place.getCommitPosition());
  if (position !== undefined) s.learn(position, label);
  return {
    ok: true,
    revision: success.hasCurrentRevision() ? success.getCurrentRevision() : 'none',
    position: position === undefined ? 'none' : s.nameOf(position),
  };
};

const requestOf = (stream: string, { labels, expected = 'any', data = '{}', ids }: Batch) => {
  const options = new pb.BatchAppendReq.Options().setStreamIdentifier(identifier(stream));
  if (expected === 'any') options.setAny(new googleEmpty.Empty());
  else if (expected === 'no_stream') options.setNoStream(new googleEmpty.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new googleEmpty.Empty());
  else options.setStreamPosition(String(expected));
  const messages = labels.map((label, i) => {
    const message = new pb.BatchAppendReq.ProposedMessage().setId(uuid(ids?.[i] ?? randomUUID()));
    message.setData(Buffer.from(data)).setCustomMetadata(Buffer.alloc(0));
    message.getMetadataMap().set('type', `t-${label}`).set('content-type', 'application/json');
    return message;
  });
  const request = new pb.BatchAppendReq().setCorrelationId(uuid(randomUUID())).setOptions(options);
  return request.setProposedMessagesList(messages).setIsFinal(true);
};

/** Deletes a stream softly, or for good. */
export const remove = (
  streams: Streams,
  s: Scenario,
  stream: string,
  how: 'delete' | 'tombstone',
  expected?: Exclude<Expected, 'any'>,
): Promise<object> =>
  new Promise((resolve) => {
    const answered = (error: ServiceError | null, response?: InstanceType<typeof pb.DeleteResp>): void => {
      if (error || !response) return resolve(error ? failureOf(error) : {});
      const place = response.getPosition();
      const position = place && BigInt(place.getCommitPosition());
      if (position !== undefined) s.learn(position, how);
      resolve({ ok: true, position: position === undefined ? 'none' : s.nameOf(position) });
    };
    if (how === 'delete') {
      const options = expecting(new pb.DeleteReq.Options().setStreamIdentifier(identifier(stream)), expected);
      streams.delete(new pb.DeleteReq().setOptions(options), answered);
    } else {
      const options = expecting(
        new pb.TombstoneReq.Options().setStreamIdentifier(identifier(stream)),
        expected,
      );
      streams.tombstone(new pb.TombstoneReq().setOptions(options), answered);
    }
  });

type RemoveOptions = InstanceType<typeof pb.DeleteReq.Options> | InstanceType<typeof pb.TombstoneReq.Options>;

const expecting = <T extends RemoveOptions>(
  options: T,
  expected: Exclude<Expected, 'any'> | undefined,
): T => {
  if (expected === undefined) options.setAny(new shared.Empty());
  else if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new shared.Empty());
  else options.setRevision(String(expected));
  return options;
};
