/**
 * Lists the variables that programs need to be found, to use the right language and to know the time, and those that
 * loaders, Node, profiling and coverage use. Any other variable may be a secret of whoever started us: a key, a token
 * or a URL with a password.
 */
const NAMES: ReadonlySet<string> = new Set(
  [
    'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TMP TEMP',
    'SYSTEMROOT WINDIR COMSPEC PATHEXT USERPROFILE APPDATA LOCALAPPDATA',
    'LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH DYLD_INSERT_LIBRARIES FAKETIME',
    'NODE_OPTIONS NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS UV_THREADPOOL_SIZE MALLOC_ARENA_MAX',
  ].flatMap((line) => line.split(' ')),
);

/** Returns the environment for a process that we start: only the variables known to be needed, and no secret. */
export const childEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => NAMES.has(name.toUpperCase()) || name.startsWith('LC_')),
  );
