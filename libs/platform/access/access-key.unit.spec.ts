import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKey, issueKey, parseKey } from './access-key.js';

const subjects = [{ role: 'bot', bot: 'alice-2_b' }, { role: 'admin' }, { role: 'auditor' }] as const;

describe('access keys', () => {
  it.each(subjects)('a key issued for $role says whose it is and by which id', (subject) => {
    const issued = issueKey(subject);
    expect(parseKey(issued.key)).toEqual({ ...subject, keyId: issued.keyId });
    expect(issued.hash).toBe(hashKey(issued.key));
    expect(issued.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('carries 32 random bytes and an id of 8 characters', () => {
    const { key, keyId } = issueKey({ role: 'admin' });
    const [role, id, secret] = key.split('.');
    expect([role, id]).toEqual(['admin', keyId]);
    expect(keyId).toHaveLength(8);
    expect(Buffer.from(secret ?? '', 'base64url')).toHaveLength(32);
  });

  it('no two keys are alike', () => {
    const keys = Array.from({ length: 200 }, () => issueKey({ role: 'bot', bot: 'alice' }).key);
    expect(new Set(keys).size).toBe(200);
  });

  it('hashes the whole text, so a changed name or role is another key', () => {
    const { key } = issueKey({ role: 'bot', bot: 'alice' });
    expect(hashKey(key.replace('alice', 'bob'))).not.toBe(hashKey(key));
  });

  it('refuses whatever is not exactly a key', () => {
    const { key } = issueKey({ role: 'bot', bot: 'alice' });
    const wrong = [
      '',
      'bot',
      ` ${key}`,
      `${key}\n`,
      `${key}A`,
      `${key}.x`,
      key.slice(0, -1),
      `${key.slice(0, -1)}B`,
      key.replace('bot.', 'root.'),
      key.replace('bot.alice.', 'bot.'),
      key.replace('alice', 'al ice'),
      key.replace('bot.alice', 'admin.alice'),
    ];
    expect(wrong.filter((text) => parseKey(text) !== undefined)).toEqual([]);
  });

  it('never throws and never reads a key into other text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseKey(text) === undefined));
  });
});
