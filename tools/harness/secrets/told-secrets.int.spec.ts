import { afterEach, expect, it } from 'vitest';
import { RunningProcess } from '../processes/running-process.js';
import { learnFromEnvironment, learnKey, requireNothingTold, takeToldSecrets } from './told-secrets.js';

const TOKEN = 'token-of-the-operator-1';
const KEY = 'bot.alice.abcd2345.qrstuvwxyz234567';

afterEach(() => void takeToldSecrets());

/** Runs a script in a separate process to its end. */
const print = async (script: string, ...words: string[]): Promise<void> => {
  const running = new RunningProcess([process.execPath, '--eval', script, ...words], process.env);
  await running.exited;
  await running.gone();
};

it('A server that prints a secret is caught, whichever part of it and on whichever stream', async () => {
  learnFromEnvironment({
    VERBATIM_METRICS_TOKEN: TOKEN,
    VERBATIM_POSTGRES_URL: 'postgres://u:p%40ssword-long@127.0.0.1/x',
  });
  learnKey(KEY);
  for (const words of [TOKEN, 'p@ssword-long', 'p%40ssword-long', 'qrstuvwxyz234567']) {
    await print(`console.log('before'); console.error('so it is: ${words}.')`);
    expect(takeToldSecrets()).toEqual([expect.stringContaining('behind: so it is: ')]);
  }
  await print(`console.log('${KEY}')`);
  expect(requireNothingTold).toThrow('printed a secret');
});

it('The public part of a key may be printed, and the whole key by the command that creates it', async () => {
  learnKey(KEY);
  await print("console.log('bot.alice.abcd2345')");
  await print(`console.log('${KEY}')`, 'apps/cli/src/main.js', 'bot', 'create', 'alice');
  expect(takeToldSecrets()).toEqual([]);
  await print(`console.error('${KEY}')`, 'apps/cli/src/main.js', 'bot', 'create', 'alice');
  expect(takeToldSecrets()).not.toEqual([]);
});
