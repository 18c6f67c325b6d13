import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { Boundary } from '../../faults/boundary.js';
import type { EngineTransport } from '../engine-connection.js';
import { readAsItComes } from './polling-requests.js';

const MOST = { packet: 100, payload: 1_000, packets: Infinity };

/** One POST to a polling session, written by the spec. `opens`: how often the connection may be read. */
const post = ({ hasSender, opens = Infinity }: Readonly<{ hasSender: boolean; opens?: number }>) => {
  let left = opens;
  const polling = Object.assign(new EventEmitter(), { dataReq: null, dataRes: null });
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
    hasSender,
    most: MOST,
    whenOpen: (call: () => void) => {
      left -= 1;
      if (left >= 0) call();
      return left >= 0;
    },
    end,
  };
  readAsItComes(polling as unknown as EngineTransport, decides, new Boundary('spec'));
  (polling as unknown as EngineTransport).onDataRequest(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
  );
  return { request, answers, end };
};

describe('a POST to a polling session that is refused', () => {
  it('is answered with 200 once all of it has come, because its client would not return otherwise', async () => {
    const { request, answers, end } = post({ hasSender: true });
    request.write('4'.repeat(MOST.payload + 1));
    await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
    expect(answers).toEqual([]);
    request.end('4'.repeat(10));
    await vi.waitFor(() => expect(answers).toEqual([200]));
  });

  it('is answered at once if all of it has come', async () => {
    const { request, answers, end } = post({ hasSender: true, opens: 1 });
    request.end('2');
    await vi.waitFor(() => expect(answers).toEqual([200]));
    expect(end).toHaveBeenCalledOnce();
  });

  it('is cut off when it is longer than we are willing to drop', async () => {
    const { request, answers } = post({ hasSender: true });
    const piece = '4'.repeat(1024 * 1024);
    while (!request.destroyed) {
      request.write(piece);
      await new Promise(setImmediate);
    }
    expect(answers).toEqual([]);
  });

  it('is answered with 413 if nobody was let in', async () => {
    const { request, answers } = post({ hasSender: false });
    request.write('4'.repeat(MOST.payload + 1));
    await vi.waitFor(() => expect(answers).toEqual([413]));
  });
});
