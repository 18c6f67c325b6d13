import type { DomainEvent } from '../event.js';

/** An admin is about to do something that no other stream tells of. Whether it came about is for its subject to show. */
export type AdminActed = DomainEvent<
  'AdminActed',
  {
    /** What, like `projection.pause`. */
    act: string;
    /** To what, like the name of a projection. */
    subject: string;
    keyId: string;
  }
>;
