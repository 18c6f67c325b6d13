import { beforeEach, describe, expect, it } from 'vitest';
import { decideAccess, evolveAccess, noOperatorKeys } from '#libs/domain/access/access.decider.js';
import { Rejection } from '#libs/domain/rejection.js';
import type { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { hashKey, issueKey, parseKey } from '#libs/platform/keys/access-key.js';
import { StartRefused } from '../start-refused.js';
import { provisionAdmin, provisionChannel } from './provision.js';

type Issued = { type: string; data: { keyId: string; hash?: string } };

let events: Issued[];
let content: string | undefined;
let dies: boolean;

const file = { name: 'admin.key', read: () => content, write: (key: string) => void (content = key) };

const log = {
  async *readStream() {
    for (const event of events) yield await Promise.resolve(event as unknown as RecordedEvent);
  },
};

const commands = {
  execute: async ({ change: command }: ChangeDirectoryCommand) => {
    if (dies) throw new Error('killed');
    if (!('role' in command)) throw new Error('unexpected');
    const state = events.reduce((keys, event) => evolveAccess(keys, event as never), noOperatorKeys);
    events.push(...(decideAccess(command, state) as Issued[]));
    return Promise.resolve({ commit: 0n, prepare: 0n });
  },
};

beforeEach(() => {
  events = [];
  content = undefined;
  dies = false;
});

describe('the first admin', () => {
  it('gets a key that is in the file and, as a hash, in the log, and is shown only once', async () => {
    expect(await provisionAdmin(log, commands, file)).toEqual({ kind: 'new', key: content });
    expect(events.map(({ data }) => data.hash)).toEqual([hashKey(content ?? '')]);
    expect(await provisionAdmin(log, commands, file)).toEqual({ kind: 'known' });
    expect(events).toHaveLength(1);
  });

  it('gets the same key when the first start was killed before the log knew it', async () => {
    dies = true;
    await expect(provisionAdmin(log, commands, file)).rejects.toThrow('killed');
    const written = content;
    dies = false;
    expect(await provisionAdmin(log, commands, file)).toEqual({ kind: 'new', key: written });
    expect(events).toHaveLength(1);
  });

  it('gets no other key after deleting the file, and hears that there is none here', async () => {
    await provisionAdmin(log, commands, file);
    content = undefined;
    expect(await provisionAdmin(log, commands, file)).toEqual({ kind: 'none here' });
    expect([content, events.length]).toEqual([undefined, 1]);
  });

  it('does not get in with a revoked key in the file, and is told so', async () => {
    await provisionAdmin(log, commands, file);
    const keyId = parseKey(content ?? '')?.keyId ?? '';
    events.push({ type: 'OperatorKeyRevoked', data: { keyId } });
    expect(await provisionAdmin(log, commands, file)).toEqual({ kind: 'revoked' });
    expect(events).toHaveLength(2);
  });

  it('may bring a key, which is neither kept nor shown', async () => {
    const { key, hash } = issueKey({ role: 'admin' });
    expect(await provisionAdmin(log, commands, file, key)).toEqual({ kind: 'known' });
    expect([content, events.map(({ data }) => data.hash)]).toEqual([undefined, [hash]]);
  });

  it('may add a key to the existing ones', async () => {
    await provisionAdmin(log, commands, file);
    const { key, hash } = issueKey({ role: 'admin' });
    expect(await provisionAdmin(log, commands, file, key)).toEqual({ kind: 'known' });
    expect(events.map(({ data }) => data.hash)).toEqual([hashKey(content ?? ''), hash]);
    expect(events.map(({ type }) => type)).not.toContain('OperatorKeyRevoked');
  });

  it('may bring the same key to several processes that start at the same time', async () => {
    const { key } = issueKey({ role: 'admin' });
    const starts = Array.from({ length: 3 }, () => provisionAdmin(log, commands, undefined, key));
    expect(await Promise.all(starts)).toEqual(starts.map(() => ({ kind: 'known' })));
    expect(events).toHaveLength(1);
  });

  it('is told when the file holds something else', async () => {
    content = issueKey({ role: 'auditor' }).key;
    await expect(provisionAdmin(log, commands, file)).rejects.toThrow(StartRefused);
    expect(events).toEqual([]);
  });
});

const refuse = (code: 'already_exists' | 'forbidden') => ({
  execute: () => Promise.reject(new Rejection(code, 'no')),
});

describe('the first channel', () => {
  it('may exist already', async () => {
    await expect(provisionChannel(refuse('already_exists'))).resolves.toBeUndefined();
    await expect(provisionChannel(refuse('forbidden'))).rejects.toThrow('no');
  });
});
