import { keyForms, passwordForms } from './secrets-of.js';

/** Shorter ones are words that tests use for keys that are none. */
const SHORTEST = 12;

/** Names of variables that hold a secret, and those of URLs that may have a password in them. */
const SECRET_NAME = /(?:KEY|TOKEN|PASSWORD|SECRET)$/;
const URL_NAME = /_URL$/;

const known = new Set<string>();
let told: string[] = [];

/** Remembers what no process of a system may print. */
export const learnSecrets = (secrets: readonly string[]): void => {
  for (const secret of secrets) if (secret.length >= SHORTEST) known.add(secret);
};

/** Remembers a key that was issued, or is shown to somebody. */
export const learnKey = (key: unknown): void => {
  if (typeof key === 'string') learnSecrets(keyForms(key));
};

/** Remembers what a process is told by its variables. */
export const learnFromEnvironment = (env: NodeJS.ProcessEnv): void => {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !name.startsWith('VERBATIM_')) continue;
    if (SECRET_NAME.test(name)) learnKey(value);
    else if (URL_NAME.test(name) && URL.canParse(value))
      learnSecrets(passwordForms(decodeURIComponent(new URL(value).password)));
  }
};

/** Looks for all that is known in what a process has printed. What is found is kept for {@link takeToldSecrets}. */
export const searchForSecrets = (who: string, printed: string): void => {
  for (const secret of known) {
    const at = printed.indexOf(secret);
    if (at === -1) continue;
    const line = printed.slice(printed.lastIndexOf('\n', at) + 1, at).slice(-120);
    told.push(`${who} printed a secret (${secret.slice(0, 4)}…) behind: ${line}`);
  }
};

/** What processes that have ended have told, each once. */
export const takeToldSecrets = (): string[] => {
  const taken = told;
  told = [];
  return taken;
};

/** @throws Error when a process that has ended had printed a secret */
export const requireNothingTold = (): void => {
  const taken = takeToldSecrets();
  if (taken.length > 0) throw new Error(taken.join('\n'));
};
