import { describe, expect, it } from 'vitest';
import { issueKey } from '../keys/access-key.js';
import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

const collect = (level: 'info' | 'debug', tty: boolean) => {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level, tty, stream: { write: (line) => void lines.push(line) } }) };
};

describe('the log', () => {
  it('is one JSON object a line, with level and time in words', () => {
    const { lines, logger } = collect('info', false);
    logger.warn({ component: 'store', position: '7' }, 'Connection lost');
    const entry = JSON.parse(lines.join('')) as Record<string, unknown>;
    expect(entry).toMatchObject({ level: 'warn', component: 'store', position: '7', msg: 'Connection lost' });
    expect(entry['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('is short for people, with stacks only when debugging', () => {
    const short = collect('info', true);
    const long = collect('debug', true);
    for (const { logger } of [short, long]) {
      logger.error({ component: 'pg', err: new Error('no\nroute'), n: 2 }, 'Lost it');
    }
    expect(short.lines.join('')).toMatch(/^\d\d:\d\d:\d\d error pg: Lost it \(no\nroute\) n=2\n$/);
    expect(long.lines.join('')).toContain('logger.unit.spec');
  });

  it.each([true, false])('shows no secret (people looking: %s)', (tty) => {
    const { lines, logger } = collect('info', tty);
    const { key } = issueKey({ role: 'admin' });
    logger.info({ key, auth: { key }, err: new Error(`at postgres://me:hunter2@db/x`) }, `got ${key}`);
    expect(lines.join('')).not.toContain(key.slice(-43));
    expect(lines.join('')).not.toContain('hunter2');
  });

  it('keeps Nest’s messages about its start out of the log, but not its warnings', () => {
    const { lines, logger } = collect('info', false);
    const nest = new NestLogger(logger);
    nest.log('Mapped {/x, GET} route', 'RouterExplorer');
    nest.warn('Odd', 'Injector');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['Odd']);
  });
});
