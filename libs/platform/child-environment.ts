/**
 * What programs need to be found, to speak the right language and to know the time; and what loaders, Node, its
 * profiling and coverage go by. Everything else may be a secret of whoever started us: keys, tokens, URLs with passwords.
 */
const NAMES: ReadonlySet<string> = new Set(
  [
    'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TMP TEMP',
    'SYSTEMROOT WINDIR COMSPEC PATHEXT USERPROFILE APPDATA LOCALAPPDATA',
    'LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH DYLD_INSERT_LIBRARIES FAKETIME',
    'NODE_OPTIONS NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS UV_THREADPOOL_SIZE MALLOC_ARENA_MAX',
  ].flatMap((line) => line.split(' ')),
);

/** The environment for a process that we start: of ours only what is known to be needed, and no secret. */
export const childEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => NAMES.has(name.toUpperCase()) || name.startsWith('LC_')),
  );
