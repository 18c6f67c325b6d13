import { isCurrent } from '#libs/domain/access/key.js';
import type { OperatorRole } from '#libs/domain/access/access.events.js';
import { whyMisshapen } from '#libs/domain/shapes/event-shapes.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { isAccessEvent } from '#libs/event-store/codec/event-types.js';

/**
 * The state of a key of an admin or auditor, and who issued and revoked it. It holds neither the key nor its
 * hash.
 */
export type KeyItem = Readonly<{
  keyId: string;
  role: OperatorRole;
  status: 'valid' | 'expired' | 'revoked';
  issuedAt: string;
  /** Key id of the admin. Absent if the server itself issued the key. */
  issuedBy?: string;
  expiresAt?: string;
  revokedAt?: string;
  revokedBy?: string;
}>;

/**
 * Returns the keys that events of `keys-<role>` streams tell of, in their state at a time in milliseconds
 * since 1970. Valid keys come first, then the others, each with the newest first. A misshapen event is
 * ignored; the health report names it.
 */
export const listKeys = (events: Iterable<RecordedEvent>, at: number): KeyItem[] => {
  const keys = new Map<string, KeyItem>();
  for (const event of events) {
    if (!isAccessEvent(event) || whyMisshapen(event.stream, event.type, event.data) !== undefined) continue;
    const { role, keyId } = event.data;
    const known = keys.get(`${role} ${keyId}`);
    if (event.type === 'OperatorKeyIssued') keys.set(`${role} ${keyId}`, issuedBy(event, event.data, at));
    else if (known) keys.set(`${role} ${keyId}`, revokedBy(known, event));
  }
  const newest = [...keys.values()].toSorted((one, other) => (one.issuedAt < other.issuedAt ? 1 : -1));
  return [
    ...newest.filter(({ status }) => status === 'valid'),
    ...newest.filter(({ status }) => status !== 'valid'),
  ];
};

type Issued = Readonly<{ role: OperatorRole; keyId: string; hash: string; expiresAt?: string }>;

const issuedBy = (event: RecordedEvent, key: Issued, at: number): KeyItem => {
  const by = keyIdOf(event);
  return {
    keyId: key.keyId,
    role: key.role,
    status: isCurrent(key, at) ? 'valid' : 'expired',
    issuedAt: event.at.toISOString(),
    ...(by === undefined ? {} : { issuedBy: by }),
    ...(key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt }),
  };
};

const revokedBy = (key: KeyItem, event: RecordedEvent): KeyItem => {
  const by = keyIdOf(event);
  return {
    ...key,
    status: 'revoked',
    revokedAt: event.at.toISOString(),
    ...(by === undefined ? {} : { revokedBy: by }),
  };
};

const keyIdOf = ({ metadata: { actor } }: RecordedEvent): string | undefined =>
  actor.kind === 'admin' || actor.kind === 'auditor' ? actor.keyId : undefined;
