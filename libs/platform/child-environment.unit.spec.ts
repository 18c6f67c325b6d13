import { expect, it } from 'vitest';
import { childEnvironment } from './child-environment.js';

it('a child learns where programs are and how we write, and nothing that may be a secret', () => {
  const plain = {
    PATH: '/bin',
    Path: 'C:\\',
    LC_ALL: 'C',
    TZ: 'UTC',
    NODE_OPTIONS: '--inspect',
    HOME: '/root',
  };
  const secret = {
    VERBATIM_ADMIN_KEY: 'k',
    VERBATIM_METRICS_TOKEN: 't',
    VERBATIM_POSTGRES_URL: 'postgres://u:p@h/d',
    VERBATIM_KEY: 'k',
    PGPASSWORD: 'p',
    PGHOST: 'elsewhere',
    DATABASE_URL: 'u',
    AWS_SECRET_ACCESS_KEY: 's',
    NPM_TOKEN: 'n',
    KEY: 'k',
  };
  expect(childEnvironment({ ...plain, ...secret })).toEqual(plain);
});
