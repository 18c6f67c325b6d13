import { createRequire } from 'node:module';

/** Set by whoever runs the tests: how a store is started that takes the place of the embedded one. */
const GIVEN = 'VERBATIM_TEST_EVENTSTORE_COMMAND';
/** The same for processes under test, which take no names beginning with VERBATIM_ that are not settings. */
const HANDED_ON = 'TESTED_EVENTSTORE_COMMAND';

/** In `package.json`, "imports": with it `verbatim start` starts its store by `start-leashed-store.js`. */
const CONDITION = 'verbatim-given-store';

/** Runs the given command and ends it when whoever started it ends. As built, wherever this runs from. */
export const LEASH = createRequire(import.meta.url).resolve('#tools/harness/store/leashed-store.process.js');

/** The command line of a store, without data folder and port; undefined when the embedded one is to be used. */
export const givenStoreCommand = (): string | undefined =>
  process.env[GIVEN] || process.env[HANDED_ON] || undefined;

/** The given command as a shell understands it, on this folder and this port. It takes the place of the shell, so that signals reach it. */
export const storeCommandLine = (command: string, dataDir: string, port: number): readonly string[] => [
  '/bin/sh',
  '-c',
  `exec ${command} "$@"`,
  'sh',
  '--data',
  dataDir,
  '--port',
  String(port),
];

/** What a process under test needs in its environment, so that a store it would start itself is started by the given command. */
export const givenStoreEnvironment = (nodeOptions: string | undefined): Readonly<Record<string, string>> => {
  const command = givenStoreCommand();
  if (command === undefined) return {};
  const condition = `--conditions=${CONDITION}`;
  const options = nodeOptions?.includes(condition) ? [nodeOptions] : [nodeOptions, condition];
  return { [HANDED_ON]: command, NODE_OPTIONS: options.filter(Boolean).join(' ') };
};
