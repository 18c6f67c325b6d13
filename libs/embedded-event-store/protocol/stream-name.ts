import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';

/** Returns the name of a stream. It is empty if it is missing; `checkStream` refuses that. */
export const streamNameOf = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();
