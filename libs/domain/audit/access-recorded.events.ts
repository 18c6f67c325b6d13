import type { DomainEvent } from '../event.js';

/**
 * Records that an admin or auditor looked at something. An answer that is sent at once is one event, `done`.
 * A stream is two events with the same `access` id: `begun` before the first byte, then `done` or `cut` after
 * the last one.
 */
export type AccessRecorded = DomainEvent<
  'AccessRecorded',
  {
    access: string;
    role: 'admin' | 'auditor';
    keyId: string;
    /** The path of the request. `query` holds its parameters. */
    path: string;
    query: Readonly<Record<string, string>>;
    state: 'begun' | 'done' | 'cut';
    /** How many items were shown. Absent when the access begins, because the number is not known yet. */
    count?: number;
  }
>;
