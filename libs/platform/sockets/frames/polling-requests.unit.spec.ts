import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { Boundary } from '../../faults/boundary.js';
import type { EngineTransport } from '../engine-connection.js';
import { readAsItComes } from './polling-requests.js';

const MOST = { packet: 100, payload: 1_000, packets: Infinity };

/**
 * Makes one POST to a polling session, whose payload the spec writes. The connection can be read at once `opens` times.
 * Later it can never be read, or, with `waits`, when the spec calls `openAgain`.
 */
const post = ({
  wasLetIn,
  isOver = false,
  opens = Infinity,
  waits = false,
}: Readonly<{ wasLetIn: boolean; isOver?: boolean; opens?: number; waits?: boolean }>) => {
  let left = opens;
  let openAgain: (() => void) | undefined;
  const onPacket = vi.fn();
  const polling = Object.assign(new EventEmitter(), {
    dataReq: null,
    dataRes: null,
    parser: { decodePacket: () => ({ type: 'ping' }) },
    headers: () => ({}),
    onPacket,
  });
  const end = vi.fn();
  const answers: number[] = [];
  const response = {
    writeHead: (status: number) => {
      answers.push(status);
      return response;
    },
    end: () => response,
  };
  const request = Object.assign(new PassThrough(), { headers: {} });
  const decides = {
    wasLetIn,
    isOver,
    most: MOST,
    callWhenReadable: (call: () => void) => {
      left -= 1;
      if (left >= 0) call();
      else openAgain = call;
      return left >= 0 || waits;
    },
    end,
  };
  readAsItComes(polling as unknown as EngineTransport, decides, new Boundary('spec'));
  (polling as unknown as EngineTransport).onDataRequest(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
  );
  return {
    request,
    answers,
    end,
    openAgain: () => {
      left = Infinity;
      openAgain?.();
    },
    onPacket,
    polling: polling as unknown as EngineTransport,
  };
};

describe('a POST to a polling session that has come whole', () => {
  it('is still answered if the request closes while its packets wait for their turn', async () => {
    const { request, answers, end, onPacket, openAgain } = post({ wasLetIn: true, opens: 1, waits: true });
    const closed = once(request, 'close');
    request.end('2');
    await closed;
    expect(answers).toEqual([]);
    openAgain();
    expect(onPacket).toHaveBeenCalledOnce();
    expect(answers).toEqual([200]);
    expect(end).not.toHaveBeenCalled();
  });
});

describe('a POST to a polling session that is refused', () => {
  it('is answered with 200 once all of it has come, because its client would not return otherwise', async () => {
    const { request, answers, end } = post({ wasLetIn: true });
    request.write('4'.repeat(MOST.payload + 1));
    await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
    expect(answers).toEqual([]);
    request.end('4'.repeat(10));
    await vi.waitFor(() => expect(answers).toEqual([200]));
  });

  it('is answered at once if all of it has come', async () => {
    const { request, answers, end } = post({ wasLetIn: true, opens: 1 });
    request.end('2');
    await vi.waitFor(() => expect(answers).toEqual([200]));
    expect(end).toHaveBeenCalledOnce();
  });

  it('is cut off when it is longer than we are willing to drop', async () => {
    const { request, answers } = post({ wasLetIn: true });
    const piece = '4'.repeat(1024 * 1024);
    while (!request.destroyed) {
      request.write(piece);
      await new Promise(setImmediate);
    }
    expect(answers).toEqual([]);
  });

  it('is answered with 413 if nobody was let in', async () => {
    const { request, answers } = post({ wasLetIn: false });
    request.write('4'.repeat(MOST.payload + 1));
    await vi.waitFor(() => expect(answers).toEqual([413]));
  });
});

describe('a POST to a polling session that is over, but has something to say yet', () => {
  it.each([
    ['came later', true],
    ['was being taken', false],
  ])('is answered with 200 once all of it has come: it %s', async (_, isOver) => {
    const { request, answers, end, polling } = post({ wasLetIn: true, isOver });
    request.write('4half');
    // Engine.IO does the same when it closes a transport.
    polling.dataReq?.destroy();
    await new Promise(setImmediate);
    expect([answers, request.destroyed, polling.dataReq]).toEqual([[], false, null]);
    request.end('4'.repeat(2 * MOST.payload));
    await vi.waitFor(() => expect(answers).toEqual([200]));
    expect(end).not.toHaveBeenCalled();
  });

  it('is cut off when the rest of it does not come', () => {
    vi.useFakeTimers();
    try {
      const { request, answers } = post({ wasLetIn: true, isOver: true });
      request.write('4half');
      vi.advanceTimersByTime(4_900);
      expect(request.destroyed).toBe(false);
      vi.advanceTimersByTime(200);
      expect([request.destroyed, answers]).toEqual([true, []]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is answered where nobody was let in, if all of it has come', async () => {
    const { request, answers, polling } = post({ wasLetIn: false, opens: 1, waits: true });
    const closed = once(request, 'close');
    request.end('2');
    await closed;
    polling.dataReq?.destroy();
    expect(answers).toEqual([200]);
  });

  it('is cut off where nobody was let in', () => {
    const { request, polling } = post({ wasLetIn: false });
    polling.dataReq?.destroy();
    expect(request.destroyed).toBe(true);
  });
});
