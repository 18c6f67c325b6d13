import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onStopSignals } from './stop-signals.js';

let calls: string[];
let release: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  release = onStopSignals(
    () => calls.push('stop'),
    () => calls.push('force'),
  );
});

afterEach(() => {
  release();
  vi.useRealTimers();
});

it('the first signal stops in order, whichever it is', () => {
  process.emit('SIGTERM');
  expect(calls).toEqual(['stop']);
});

it('the same Ctrl-C passed on by npm does not force', () => {
  process.emit('SIGINT');
  vi.advanceTimersByTime(300);
  process.emit('SIGINT');
  expect(calls).toEqual(['stop']);
});

it('a second Ctrl-C forces', () => {
  process.emit('SIGINT');
  vi.advanceTimersByTime(2000);
  process.emit('SIGINT');
  expect(calls).toEqual(['stop', 'force']);
});
