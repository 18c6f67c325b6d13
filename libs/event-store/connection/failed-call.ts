import { status } from '@grpc/grpc-js';
import type { StatusObject } from '@grpc/grpc-js';
import type { Endpoint } from './endpoint.js';

/** The status with which a call ended. */
export type Ending = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** Text of grpc-js for a call that was cancelled here (call.ts). */
const CANCELLED_HERE = 'Cancelled on client';
/** An ended connection can also end a call with this text: https://github.com/nodejs/node/issues/49147. */
const WRITTEN_TOO_LATE = 'write after end';

/**
 * Returns the leader that a member names when it refuses a call because it is not the leader (RpcExceptions.cs,
 * LeaderInfo).
 */
export const leaderNamedIn = ({ metadata }: Pick<Ending, 'metadata'>): Endpoint | undefined => {
  const [exception] = metadata.get('exception');
  if (exception?.toString() !== 'not-leader') return undefined;
  const address = metadata.get('leader-endpoint-host')[0]?.toString();
  const port = Number(metadata.get('leader-endpoint-port')[0]?.toString());
  return address && Number.isInteger(port) && port > 0 ? { address, port } : undefined;
};

/** Returns whether the server can't be reached any more, or can't be used for now. */
export const isLost = ({ code, details }: Ending): boolean =>
  code === status.UNAVAILABLE ||
  (code === status.CANCELLED && details !== CANCELLED_HERE) ||
  details.includes(WRITTEN_TOO_LATE);

/**
 * Status codes of a member that may have lost its cluster or its role in it. They are a reason to look for the leader.
 */
const DOUBTFUL = new Set<number>([status.UNKNOWN, status.INTERNAL, status.ABORTED, status.DEADLINE_EXCEEDED]);

export const isDoubtful = (ending: Ending): boolean => isLost(ending) || DOUBTFUL.has(ending.code);
