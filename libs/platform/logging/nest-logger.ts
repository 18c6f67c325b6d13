import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/**
 * Writes Nest's own messages to our log. Nest's `log` messages (routes mapped, modules initialized) become debug lines.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), text(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn(fields(context), text(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    const err = message instanceof Error ? { err: message } : {};
    this.logger.error({ ...fields(context), ...err }, text(message));
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.error(message, ...context);
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), text(message));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace(fields(context), text(message));
  }
}

/** Returns the component that Nest passes as the last argument; for errors it stands behind the stack. */
const fields = (context: readonly unknown[]): { component?: string } => {
  const last = context.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? { component: last } : {};
};

const text = (message: unknown): string => {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
};
