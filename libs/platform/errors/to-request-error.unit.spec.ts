import { BadRequestException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { Rejection } from '#libs/domain/rejection.js';
import { AppendTooLarge, StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { RequestError } from '#libs/protocol/errors.js';
import { isFault, toRequestError } from './to-request-error.js';

const wire = (error: unknown) => toRequestError(error).toWire();

describe('the error that a client sees', () => {
  it('a request error as it is', () => {
    const error = new RequestError('rate_limited', 'Slow down', 40);
    expect(toRequestError(error)).toBe(error);
  });

  it('a rejection by its code and message', () => {
    expect(wire(new Rejection('id_conflict', 'Another message has this id'))).toEqual({
      code: 'id_conflict',
      status: 409,
      message: 'Another message has this id',
      retryable: false,
    });
  });

  it('an unreachable store as retryable, without its address', () => {
    const told = wire(new StoreUnavailable('connect ECONNREFUSED 10.0.0.7:2113'));
    expect(told).toMatchObject({
      code: 'store_unavailable',
      status: 503,
      retryable: true,
      retryAfterMs: 1000,
    });
    expect(told.message).not.toContain('10.0.0.7');
  });

  it.each([
    [new AppendTooLarge('x'), 'message_too_large'],
    [new NotFoundException('Cannot GET /x'), 'not_found'],
    [new BadRequestException('Failed to decode param %E0'), 'invalid_payload'],
    [
      Object.assign(new Error('request entity too big'), {
        type: 'entity.too.large',
        status: 413,
        expose: true,
      }),
      'message_too_large',
    ],
    [
      Object.assign(new Error('rot13'), { type: 'encoding.unsupported', status: 415, expose: true }),
      'unsupported_media_type',
    ],
    [Object.assign(new Error('upstream said 404'), { status: 404 }), 'internal_error'],
  ])('%s as %s', (error, code) => {
    expect(wire(error).code).toBe(code);
    expect(wire(error).message).not.toContain(error.message);
  });

  it.each([new TypeError('x of undefined at /srv/app.js'), 'text', null, undefined, 7])(
    'a fault (%s) with none of its details',
    (fault) => {
      expect(isFault(toRequestError(fault))).toBe(true);
      expect(wire(fault)).toMatchObject({ status: 500, message: 'Something went wrong on our side' });
    },
  );
});
