import { afterAll } from 'vitest';
import { requireNothingTold } from '#tools/harness/secrets/told-secrets.js';

// For every file of specs that starts systems: nothing that has ended by then has printed a key or a password.
afterAll(requireNothingTold);
