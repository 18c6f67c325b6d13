import { keyForms, passwordForms } from './secrets-of.js';

/** Shorter values are words that tests use in place of real keys. */
const SHORTEST = 12;

/** Names of variables that hold a secret. */
const SECRET_NAME = /(?:KEY|TOKEN|PASSWORD|SECRET)$/;
/** Names of variables that hold a URL, which may contain a password. */
const URL_NAME = /_URL$/;

const known = new Set<string>();
let told: string[] = [];

/** Remembers secrets that no process of a system may print. */
export const learnSecrets = (secrets: readonly string[]): void => {
  for (const secret of secrets) if (secret.length >= SHORTEST) known.add(secret);
};

/** Remembers a key that was issued or shown. */
export const learnKey = (key: unknown): void => {
  if (typeof key === 'string') learnSecrets(keyForms(key));
};

/** Remembers the secrets in a process's environment variables. */
export const learnFromEnvironment = (env: NodeJS.ProcessEnv): void => {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !name.startsWith('VERBATIM_')) continue;
    if (SECRET_NAME.test(name)) learnKey(value);
    else if (URL_NAME.test(name) && URL.canParse(value))
      learnSecrets(passwordForms(decodeURIComponent(new URL(value).password)));
  }
};

/** Searches a process's output for every known secret, and keeps the findings for {@link takeToldSecrets}. */
export const searchForSecrets = (who: string, printed: string): void => {
  for (const secret of known) {
    const at = printed.indexOf(secret);
    if (at === -1) continue;
    const line = printed.slice(printed.lastIndexOf('\n', at) + 1, at).slice(-120);
    told.push(`${who} printed a secret (${secret.slice(0, 4)}…) behind: ${line}`);
  }
};

/** Returns the findings about processes that have ended, each only once. */
export const takeToldSecrets = (): string[] => {
  const taken = told;
  told = [];
  return taken;
};

/** Checks the findings. @throws Error when a process that has ended printed a secret */
export const requireNothingTold = (): void => {
  const taken = takeToldSecrets();
  if (taken.length > 0) throw new Error(taken.join('\n'));
};
