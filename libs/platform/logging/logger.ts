import { pino, destination, stdSerializers, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { maskSecrets } from '../config/mask-secrets.js';
import type { LogLevel } from '../config/settings.table.js';
import { compactLine } from './compact-line.js';

/** The logger of the process. It writes JSON lines to standard error, or short lines to a terminal. */
export type Logger = PinoLogger;

/** Injection token of the {@link Logger}. */
export const LOGGER = Symbol('LOGGER');

const STDERR = 2;

/**
 * Creates a logger that writes each line at once, so that the last lines of a dying process are not lost. It masks
 * secrets in texts.
 */
export const createLogger = (options: {
  level: LogLevel;
  tty?: boolean;
  stream?: DestinationStream;
}): Logger => {
  const target = options.stream ?? destination({ dest: STDERR, sync: true });
  const withStacks = options.level === 'debug' || options.level === 'trace';
  const people = options.tty ?? process.stderr.isTTY;
  const write = (json: string): void => {
    const masked = maskSecrets(json);
    target.write(people ? compactLine(masked, withStacks) : masked);
  };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err },
      redact: ['key', 'authorization', '*.key', '*.authorization'],
    },
    { write },
  );
};
