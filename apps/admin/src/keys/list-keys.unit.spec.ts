import { describe, expect, it } from 'vitest';
import { recordedEvent } from '#test/support/recorded-event.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { listKeys } from './list-keys.js';

const NOON = Date.parse('2026-11-29T12:00:00.000Z');
const at = (hour: number): Date => new Date(NOON + (hour - 12) * 3_600_000);

/**
 * Builds the events of one stream, in order. `by` is the key id of the acting admin; without it, the server
 * itself acted.
 */
const stream = (
  role: 'admin' | 'auditor',
  ...events: readonly (readonly [type: string, hour: number, data: object, by?: string])[]
): RecordedEvent[] =>
  events.map(([type, hour, data, by], revision) => {
    const event = recordedEvent(`keys-${role}`, revision, type, { role, ...data });
    const actor = by === undefined ? ({ kind: 'system' } as const) : ({ kind: 'admin', keyId: by } as const);
    return { ...event, at: at(hour), metadata: { ...event.metadata, actor } };
  });

describe('the list of keys', () => {
  it('says who issued and who revoked a key, and when', () => {
    const events = [
      ...stream('admin', ['OperatorKeyIssued', 1, { keyId: 'first', hash: 'h' }]),
      ...stream(
        'auditor',
        ['OperatorKeyIssued', 2, { keyId: 'second', hash: 'h' }, 'first'],
        ['OperatorKeyRevoked', 3, { keyId: 'second' }, 'first'],
      ),
    ];
    expect(listKeys(events, NOON)).toEqual([
      { keyId: 'first', role: 'admin', status: 'valid', issuedAt: at(1).toISOString() },
      {
        keyId: 'second',
        role: 'auditor',
        status: 'revoked',
        issuedAt: at(2).toISOString(),
        issuedBy: 'first',
        revokedAt: at(3).toISOString(),
        revokedBy: 'first',
      },
    ]);
  });

  it('has valid keys first, then the others, each with the newest first', () => {
    const events = stream(
      'admin',
      ['OperatorKeyIssued', 1, { keyId: 'old', hash: 'h' }],
      ['OperatorKeyIssued', 2, { keyId: 'gone', hash: 'h' }],
      ['OperatorKeyRevoked', 3, { keyId: 'gone' }],
      ['OperatorKeyIssued', 4, { keyId: 'over', hash: 'h', expiresAt: '2026-11-29T12:00:00.000Z' }],
      ['OperatorKeyIssued', 5, { keyId: 'new', hash: 'h', expiresAt: '2026-11-29T12:00:01.000Z' }],
    );
    const items = listKeys(events, NOON).map(({ keyId, status }) => `${keyId} ${status}`);
    expect(items).toEqual(['new valid', 'old valid', 'over expired', 'gone revoked']);
  });

  it('shows no hash, and takes no notice of what it does not know', () => {
    const events = stream(
      'admin',
      ['OperatorKeyIssued', 1, { keyId: 'k', hash: 'secret' }],
      ['SomethingNew', 2, { keyId: 'k' }],
      ['OperatorKeyRevoked', 3, { keyId: 'never issued' }],
      ['OperatorKeyIssued', 4, { forged: true }],
      ['OperatorKeyIssued', 5, { keyId: 7, hash: 'h' }],
    );
    expect(listKeys(events, NOON)).toHaveLength(1);
    expect(JSON.stringify(listKeys(events, NOON))).not.toContain('secret');
  });
});
