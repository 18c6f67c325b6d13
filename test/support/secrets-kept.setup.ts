import { afterAll } from 'vitest';
import { requireNothingTold } from '#tools/harness/secrets/told-secrets.js';

// Runs for every spec file that starts systems: no process that has ended by then has printed a key or a password.
afterAll(requireNothingTold);
