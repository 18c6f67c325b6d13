import { RpcError, STATUS } from '../grpc/status.js';

/*
 * The errors of persistent subscriptions in the form that clients expect (RpcExceptions.cs; the client's
 * utils/CommandError).
 */

const about = (exception: string, stream: string, group: string): Record<string, string> => ({
  exception,
  'stream-name': stream,
  'group-name': group,
});

export const groupDoesNotExist = (stream: string, group: string): RpcError =>
  new RpcError(
    STATUS.NOT_FOUND,
    `Subscription group ${group} on stream ${stream} does not exist.`,
    about('persistent-subscription-does-not-exist', stream, group),
  );

export const groupExists = (stream: string, group: string): RpcError =>
  new RpcError(
    STATUS.ALREADY_EXISTS,
    `Subscription group ${group} on stream ${stream} exists.`,
    about('persistent-subscription-exists', stream, group),
  );

export const groupFailed = (stream: string, group: string, reason: string): RpcError =>
  new RpcError(STATUS.INTERNAL, `Subscription group ${group} on stream ${stream} failed: '${reason}'`, {
    ...about('persistent-subscription-failed', stream, group),
    reason,
  });

export const groupDropped = (stream: string, group: string): RpcError =>
  new RpcError(
    STATUS.CANCELLED,
    `Subscription group ${group} on stream ${stream} was dropped.`,
    about('persistent-subscription-dropped', stream, group),
  );

export const tooManyConsumers = (stream: string, group: string): RpcError =>
  new RpcError(
    STATUS.FAILED_PRECONDITION,
    `Maximum subscriptions reached for subscription group ${group} on stream ${stream}.`,
    about('maximum-subscribers-reached', stream, group),
  );
