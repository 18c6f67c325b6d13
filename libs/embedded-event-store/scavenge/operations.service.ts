import messages from '@eventstore/db-client/generated/operations_pb.js';
import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import { unary, type Methods } from '../grpc/grpc-server.js';
import { RpcError, STATUS } from '../grpc/status.js';
import type { Scavenger } from './scavenger.js';

const { ScavengeResp, StopScavengeReq } = messages;
const SERVICE = '/event_store.client.operations.Operations';

/** Handles the scavenge calls of event_store.client.operations.Operations (Operations.Scavenge.cs). */
export const operationsService = (scavenger: Scavenger): Methods => ({
  [`${SERVICE}/StartScavenge`]: unary(() => {
    const { id, result } = scavenger.start();
    const { STARTED, INPROGRESS } = ScavengeResp.ScavengeResult;
    return answer(id, result === 'started' ? STARTED : INPROGRESS);
  }),
  [`${SERVICE}/StopScavenge`]: unary(async (request) => {
    const id = decodeGenerated(StopScavengeReq, request).getOptions()?.getScavengeId() ?? '';
    if (!(await scavenger.stopScavenge(id)))
      throw new RpcError(STATUS.NOT_FOUND, `Scavenge Id was invalid. ${id}`, {
        exception: 'scavenge-not-found',
        'scavenge-id': id,
      });
    return answer(id, ScavengeResp.ScavengeResult.STOPPED);
  }),
});

const answer = (id: string, result: messages.ScavengeResp.ScavengeResult): Buffer =>
  Buffer.from(new ScavengeResp().setScavengeId(id).setScavengeResult(result).serializeBinary());
