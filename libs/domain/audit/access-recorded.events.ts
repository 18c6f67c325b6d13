import type { DomainEvent } from '../event.js';

/**
 * An admin or auditor looked at something. What is answered at once is one event, `done`; what is streamed is `begun`
 * before the first byte and `done`, or `cut`, after the last, under the same `access`.
 */
export type AccessRecorded = DomainEvent<
  'AccessRecorded',
  {
    access: string;
    role: 'admin' | 'auditor';
    keyId: string;
    /** Which question was asked, and with what. */
    path: string;
    query: Readonly<Record<string, string>>;
    state: 'begun' | 'done' | 'cut';
    /** How many things were shown; not known when it begins. */
    count?: number;
  }
>;
