import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { openDoorWarning } from './access/open-door-warning.js';
import { startEmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded-event-store.js';

const OPTIONS = {
  data: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'tls-certificate': { type: 'string' },
  'tls-key': { type: 'string' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  secure: { type: 'boolean' },
  'advertise-host-to-client-as': { type: 'string' },
  'advertise-node-port-to-client-as': { type: 'string' },
  projections: { type: 'boolean' },
  'with-parent': { type: 'boolean' },
} as const;

/**
 * Flag that limits the growth of the heap. By default V8 lets it grow to four times its live objects, and short-lived
 * ones would then take more memory than everything that is kept.
 */
const HEAP_GROWTH = '--heap-growing-percent=75';

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/**
 * Runs the store as a process of its own: `main.js --data <folder> --port <n> [--host <address>] [--tls-certificate
 * <file> --tls-key <file> [--user <name> --password-file <file>] | --secure] [--advertise-host-to-client-as <name>]
 * [--advertise-node-port-to-client-as <n>] [--projections] [--with-parent]`. Files are PEM; of the password file only
 * the first line counts.
 *
 * On stdout it prints `{"ready":true,"port":n}` when it serves, then `{"damaged":…}` for each damaged place in its log,
 * and `{"writing":…}` with the reason when the disk accepts no writes, or null when it does again. On stderr it warns
 * about whom it lets in without a password. If it can't start, it prints one line on stderr and exits with code 1.
 *
 * It ends on SIGTERM, on SIGINT and when its parent does: when the IPC channel closes, or with `--with-parent` when
 * stdin ends.
 */
const start = async (): Promise<void> => {
  setFlagsFromString(HEAP_GROWTH);
  process.umask(0o077); // every file made from here on is for its owner alone
  const { values } = parseArgs({ options: OPTIONS });
  const options = optionsOf(values);
  const store = await startEmbeddedEventStore(options);
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
  const warning = openDoorWarning(options);
  if (warning !== undefined) say(warning);
  process.stdout.write(`${JSON.stringify({ ready: true, port: store.port })}\n`);
};

const optionsOf = (values: Values): EmbeddedEventStoreOptions => {
  const { data, host, user, projections } = values;
  const { 'tls-certificate': certificate, 'tls-key': key, 'password-file': passwordFile, secure } = values;
  const port = Number(values.port);
  if (!data) throw new Error('--data <folder> is missing');
  if (!/^\d+$/u.test(values.port ?? '') || port > 65_535) throw new Error('--port <0 to 65535> is missing');
  if (!certificate !== !key) throw new Error('--tls-certificate and --tls-key go together');
  if (!user !== !passwordFile) throw new Error('--user and --password-file go together');
  return {
    dataDir: data,
    advertisedHost: values['advertise-host-to-client-as'],
    advertisedPort: advertisedPort(values['advertise-node-port-to-client-as']),
    port,
    host,
    tls:
      certificate && key
        ? { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
        : undefined,
    credentials: user && passwordFile ? { username: user, password: firstLine(passwordFile) } : undefined,
    secure,
    warn: say,
    damaged: ({ place }) => void process.stdout.write(`${JSON.stringify({ damaged: place })}\n`),
    writing: (trouble) => void process.stdout.write(`${JSON.stringify({ writing: trouble ?? null })}\n`),
    unusable: (reason) => fail(new Error(reason)), // the process that supervises it starts it again
    systemProjections: projections,
  };
};

const advertisedPort = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port < 1 || port > 65_535)
    throw new Error('--advertise-node-port-to-client-as must be a port from 1 to 65535');
  return port;
};

const firstLine = (file: string): string => readFileSync(file, 'utf8').split(/\r?\n/u)[0]!;

const say = (line: string): void => void process.stderr.write(`event store: ${line}\n`);

const fail = (error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`event store: ${message.replaceAll(/\s+/gu, ' ')}\n`, () => process.exit(1));
};

start().catch(fail);
