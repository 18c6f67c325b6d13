import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import { GrpcServer, type Methods } from '#libs/embedded-event-store/grpc/grpc-server.js';
import { RpcError, STATUS } from '#libs/embedded-event-store/grpc/status.js';
import { notReady } from '#libs/embedded-event-store/protocol/store-errors.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Peer } from './mute-peers.js';

/** Says whether the user may do this. The metadata of a stream are in the stream `$$<name>`. */
export type May = (act: 'read' | 'append', stream: string) => boolean;

const SERVICE = '/event_store.client.streams.Streams';

/**
 * Starts an empty store for a user with restricted rights. It checks the rights first and answers as EventStoreDB does:
 * in the answer to an append, and as the end of a read. There are no streams, and none is ever written.
 */
export const startRestrictedStore = async (may: May): Promise<Peer> => {
  const server = new GrpcServer(methodsOf(may));
  const port = await server.listen('127.0.0.1', 0);
  return { port, close: () => server.close(notReady(), 0) };
};

const methodsOf = (may: May): Methods => ({
  [`${SERVICE}/Read`]: (call) =>
    call.listen({
      message: (bytes) => {
        const { options } = streams.ReadReq.deserializeBinary(bytes).toObject();
        const name = options?.stream?.streamIdentifier?.streamName;
        const stream = name === undefined ? '$all' : Buffer.from(String(name), 'base64').toString();
        if (!may('read', stream)) {
          call.fail(new RpcError(STATUS.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' }));
          return;
        }
        call.end();
      },
    }),
  [`${SERVICE}/BatchAppend`]: (call) =>
    call.listen({
      message: (bytes) => {
        const request = streams.BatchAppendReq.deserializeBinary(bytes);
        void call.send(Buffer.from(answerTo(request, may).serializeBinary()));
      },
      end: () => call.end(),
    }),
});

const answerTo = (request: BatchAppendReq, may: May): BatchAppendResp => {
  const name = request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array();
  const granted = may('append', Buffer.from(name).toString());
  const details = new any.Any();
  if (granted) {
    const wrong = new shared.WrongExpectedVersion();
    details.pack(wrong.serializeBinary(), 'event_store.client.WrongExpectedVersion');
  } else {
    details.pack(new shared.AccessDenied().serializeBinary(), 'event_store.client.AccessDenied');
  }
  const error = new status.Status();
  error.setMessage(granted ? 'WrongExpectedVersion' : 'Access Denied');
  error.setDetails(details);
  const answer = new streams.BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  answer.setError(error);
  return answer;
};
