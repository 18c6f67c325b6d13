import { parseArgs } from 'node:util';
import { startEmbeddedEventStore } from './embedded-event-store.js';

/**
 * The store as a process of its own: `main.js --data <folder> --port <n> [--host <address>] [--with-parent]`.
 * Prints `{"ready":true,"port":n}` when it serves; one line on stderr and exit code 1 if it can't. Ends on SIGTERM,
 * SIGINT and when its parent does: when the IPC channel closes, or with `--with-parent` when stdin ends.
 */
const start = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!values.data) throw new Error('--data <folder> is missing');
  if (!/^\d+$/u.test(values.port ?? '') || port > 65_535) throw new Error('--port <0 to 65535> is missing');
  const store = await startEmbeddedEventStore({ dataDir: values.data, port, host: values.host });
  const stop = (): void => {
    store.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  if (values['with-parent']) process.stdin.on('end', stop).on('error', stop).resume();
  process.stdout.on('error', stop); // nobody reads it any more
  process.stdout.write(`${JSON.stringify({ ready: true, port: store.port })}\n`);
};

const fail = (error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`event store: ${message.replaceAll(/\s+/gu, ' ')}\n`, () => process.exit(1));
};

start().catch(fail);
