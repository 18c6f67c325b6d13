import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_IN_TEXT, KEY_PATTERN, checksumOf, hashKey, issueKey, parseKey } from './access-key.js';

const subjects = [{ role: 'bot', bot: 'alice-2_b' }, { role: 'admin' }, { role: 'auditor' }] as const;

const summed = (key: string): string => {
  const text = key.slice(0, -6);
  return `${text}${checksumOf(text)}`;
};

/** Keys in the old form, without a mark and a checksum. */
const OLD = [
  'bot.alice-2_b.k7h2m9qx.lJ3sJY7mE2hVnqv8Qb1Zr0dQk5x9TgWc4uYp6aNfB8M',
  'admin.k7h2m9qx.lJ3sJY7mE2hVnqv8Qb1Zr0dQk5x9TgWc4uYp6aNfB8M',
  'auditor.k7h2m9qx.lJ3sJY7mE2hVnqv8Qb1Zr0dQk5x9TgWc4uYp6aNfB8M',
];

describe('access keys', () => {
  it.each(subjects)('a key issued for $role says whose it is and by which id', (subject) => {
    const issued = issueKey(subject);
    expect(parseKey(issued.key)).toEqual({ ...subject, keyId: issued.keyId });
    expect(issued.hash).toBe(hashKey(issued.key));
    expect(issued.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('carries 32 random bytes and an id of 8 characters', () => {
    const { key, keyId } = issueKey({ role: 'admin' });
    const [role, id, secret = ''] = key.split('.');
    expect([role, id]).toEqual(['vb_admin', keyId]);
    expect(keyId).toHaveLength(8);
    expect(Buffer.from(secret.slice(0, -6), 'base64url')).toHaveLength(32);
  });

  it('no two keys are alike', () => {
    const keys = Array.from({ length: 200 }, () => issueKey({ role: 'bot', bot: 'alice' }).key);
    expect(new Set(keys).size).toBe(200);
  });

  it('hashes the whole text, so a changed name or role is another key', () => {
    const { key } = issueKey({ role: 'bot', bot: 'alice' });
    expect(hashKey(key.replace('alice', 'bob'))).not.toBe(hashKey(key));
  });

  it('refuses everything that is not exactly a key', () => {
    const { key } = issueKey({ role: 'bot', bot: 'alice' });
    const wrong = [
      '',
      'bot',
      ` ${key}`,
      `${key}\n`,
      `${key}A`,
      `${key}.x`,
      key.slice(0, -1),
      `${key.slice(0, -1)}${key.endsWith('B') ? 'C' : 'B'}`,
      key.replace('vb_', 'vb-'),
      key.replace('vb_', 'vb_vb_'),
      key.replace('vb_', ''),
      key.slice('vb_'.length, -6).replace('bot.', 'root.'),
      ...['root.', 'bot.alice.bot.', 'toString.', ''].map((owner) => summed(key.replace('bot.', owner))),
      ...['bot.', 'bot.al ice.', 'admin.alice.'].map((owner) => summed(key.replace('bot.alice.', owner))),
    ];
    expect(wrong.filter((text) => parseKey(text) !== undefined)).toEqual([]);
  });

  it('end in a checksum: the key is refused when any character differs', () => {
    const { key } = issueKey({ role: 'bot', bot: 'alice' });
    expect(summed(key)).toBe(key);
    const changed = key
      .split('')
      .map((at, place) => key.slice(0, place) + (at === 'a' ? 'b' : 'a') + key.slice(place + 1));
    expect(changed.filter((text) => parseKey(text) !== undefined)).toEqual([]);
  });

  it.each([
    ['', '000000'],
    // The check value of CRC-32/ISO-HDLC: 0xcbf43926.
    ['123456789', '3jZRME'],
  ])('have a checksum that others can compute: of “%s” it is %s', (text, checksum) => {
    expect(checksumOf(text)).toBe(checksum);
  });

  it('issued before checksums existed are still accepted', () => {
    expect(OLD.map((key) => parseKey(key))).toEqual([
      { role: 'bot', bot: 'alice-2_b', keyId: 'k7h2m9qx' },
      { role: 'admin', keyId: 'k7h2m9qx' },
      { role: 'auditor', keyId: 'k7h2m9qx' },
    ]);
  });

  it('are found anywhere in a text', () => {
    for (const key of [...subjects.map((subject) => issueKey(subject).key), ...OLD])
      for (const text of [key, `KEY=${key}`, `{"key":"${key}"}`, `x ${key}.`, `_${key}\n`])
        expect([...text.matchAll(KEY_IN_TEXT)].map(([found]) => found)).toEqual([key]);
  });

  it.each(['docs/security.md', 'docs/running.md'])(
    'have a pattern to scan for, which %s tells',
    (document) => {
      expect(readFileSync(document, 'utf8')).toContain(`\n${KEY_PATTERN}\n`);
      const pattern = new RegExp(`^${KEY_PATTERN}$`);
      for (const subject of subjects) expect(issueKey(subject).key).toMatch(pattern);
      for (const key of OLD) expect(key).not.toMatch(pattern);
    },
  );

  it('never throws and never reads a key into other text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseKey(text) === undefined));
  });
});
