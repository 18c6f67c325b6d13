import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogPosition } from '../position.js';

/** An event exactly as it lies in the store: bytes neither parsed nor lifted to a newer shape. */
export type StoredEvent = Readonly<{
  position: LogPosition;
  stream: string;
  revision: number;
  eventId: string;
  type: string;
  /** When the store recorded it, in 100 ns since 1970: finer than a `Date`. */
  ticks: bigint;
  /** What the writer said of `data`; nobody has checked it. */
  isJson: boolean;
  data: Uint8Array;
  metadata: Uint8Array;
}>;

/** Undefined for answers that carry no event, and for links whose target is gone. */
export const storedEventOf = (answer: ReadResp): StoredEvent | undefined => {
  const recorded = answer.getEvent()?.getEvent();
  if (!recorded) return undefined;
  const properties = recorded.getMetadataMap();
  return {
    position: {
      commit: BigInt(recorded.getCommitPosition()),
      prepare: BigInt(recorded.getPreparePosition()),
    },
    stream: Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
    revision: Number(recorded.getStreamRevision()),
    eventId: recorded.getId()?.getString() ?? '',
    type: properties.get('type') ?? '',
    ticks: BigInt(properties.get('created') ?? 0),
    isJson: properties.get('content-type') === 'application/json',
    data: recorded.getData_asU8(),
    metadata: recorded.getCustomMetadata_asU8(),
  };
};
