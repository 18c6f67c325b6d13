import { createRequire } from 'node:module';

/** Set by whoever runs the tests: the command that starts a store in place of the embedded one. */
const GIVEN = 'VERBATIM_TEST_EVENTSTORE_COMMAND';
/** The same for processes under test, which reject names that begin with VERBATIM_ but are not settings. */
const HANDED_ON = 'TESTED_EVENTSTORE_COMMAND';

/** A condition in `package.json`, "imports". With it `verbatim start` starts its store through `start-leashed-store.js`. */
const CONDITION = 'verbatim-given-store';

/** The program that runs the given command and ends it when its own parent ends. */
export const LEASH = createRequire(import.meta.url).resolve('#tools/harness/store/leashed-store.process.js');

/** Returns the command of the given store, without data folder and port; undefined if the embedded one is to be used. */
export const givenStoreCommand = (): string | undefined =>
  process.env[GIVEN] || process.env[HANDED_ON] || undefined;

/** Returns a shell command that runs the given store here. The store replaces the shell, so that signals reach it. */
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

/** Returns the variables that make a process under test start the given store instead of its own. */
export const givenStoreEnvironment = (nodeOptions: string | undefined): Readonly<Record<string, string>> => {
  const command = givenStoreCommand();
  if (command === undefined) return {};
  const condition = `--conditions=${CONDITION}`;
  const options = nodeOptions?.includes(condition) ? [nodeOptions] : [nodeOptions, condition];
  return { [HANDED_ON]: command, NODE_OPTIONS: options.filter(Boolean).join(' ') };
};
