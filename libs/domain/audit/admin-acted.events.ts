import type { DomainEvent } from '../event.js';

/**
 * Records that an admin is about to do something that no other stream records. It does not say whether the
 * act succeeded; the subject itself shows that.
 */
export type AdminActed = DomainEvent<
  'AdminActed',
  {
    /** The kind of act, such as `projection.pause`. */
    act: string;
    /** The object of the act, such as the name of a projection. */
    subject: string;
    keyId: string;
  }
>;
