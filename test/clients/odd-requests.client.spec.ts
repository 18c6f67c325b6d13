import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

const run = promisify(execFile);

/** Debian's Python, which has Debian's python3-socketio. */
const PYTHON = '/usr/bin/python3';

type Line = Readonly<Record<string, unknown>>;

const INVALID = ['nan', 'infinity', 'minus infinity', 'id', 'minus zero', 'binary', 'many binaries', 'deep'];
const TOO_LARGE = ['long', 'longer', 'escaped'];

let verbatim: Verbatim;
beforeAll(async () => {
  verbatim = await startVerbatim();
});
afterAll(() => verbatim?.remove());

describe('a request that Python sends and no JSON parser accepts', () => {
  it.each([
    ['sync', 'polling'],
    ['async', 'polling'],
    ['async', 'websocket'],
  ])('is refused with a code, and the connection stays open: %s, %s', async (kind, transport) => {
    const key = await verbatim.createBot(`odd-${kind}-${transport}`);
    await verbatim.addMember('general', `odd-${kind}-${transport}`);
    const { stdout } = await run(PYTHON, ['test/clients/odd-requests.py', kind, transport], {
      env: { ...process.env, KEY: key, URL: verbatim.url },
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const codes = Object.fromEntries(lines.flatMap(({ name, code }) => (name ? [[name, code]] : [])));
    expect(codes).toEqual({
      ...Object.fromEntries(INVALID.map((name) => [name, 'invalid_payload'])),
      ...Object.fromEntries(TOO_LARGE.map((name) => [name, 'message_too_large'])),
      floats: null,
    });
    expect(lines).toContainEqual({ burst: 100, connected: true });
    // A bot that sends more than is allowed at once is told so before the connection ends.
    expect(lines).toContainEqual({ notice: 'protocol_error' });
    expect(lines).toContainEqual({ after: 'too much', connected: false });
  });
});
