import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signReplacement, signRotation } from '#libs/audit-log/keys/key-change.js';
import { makeNoteKey } from '#libs/audit-log/note/note-key.js';
import { SignedLog, signedLog } from '#test/support/audit-log/signed-log.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { storedEvent } from '#test/support/stored-event.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { readHeld, UnfitInput } from './checkpoints/held-checkpoint.js';
import type { Verification } from './verification.js';
import { verifyLog } from './verify-log.js';
import type { VerifyOptions } from './verify-options.js';

let scratch: string;
beforeAll(async () => (scratch = await mkdtemp(join(tmpdir(), 'verbatim-test-verify-'))));
afterAll(async () => {
  expect(await readdir(scratch)).toEqual([]);
  await rm(scratch, { recursive: true });
});

async function* batchesOf(events: readonly StoredEvent[]): AsyncGenerator<readonly StoredEvent[]> {
  for (let at = 0; at < events.length; at += 7) yield events.slice(at, at + 7);
}

const verify = (
  events: readonly StoredEvent[],
  options: Partial<VerifyOptions> = {},
): Promise<Verification> => verifyLog(batchesOf(events), { held: [], scratch, ...options });

/** The newest checkpoint of a log, as an auditor has kept it. */
const heldOf = ({ checkpoints, signer }: SignedLog) =>
  readHeld('my file', checkpoints.at(-1)!.text, signer.verifier);

describe('a log that is as it was signed', () => {
  it('is verified, and it is said how far', async () => {
    const log = signedLog(20, 6);
    log.addEvent('presence-alice', 'Whatever', '{}');
    log.addMessage('room-0');
    const key = log.signer.verifier;
    expect(await verify(log.events, { key, held: [heldOf(log)] })).toEqual({
      result: 'verified',
      origin: key.name,
      key: key.text,
      keyWasGiven: true,
      events: 25,
      streams: 4,
      messages: 21,
      checkpoints: { logged: 4, held: 1 },
      proven: 23,
      setAside: 0,
      findings: [],
      found: 0,
    });
  });

  it('is not judged while nothing is signed, or while its key is not known', async () => {
    const log = new SignedLog();
    expect(await verify([])).toMatchObject({ result: 'not_judged' });
    log.addMessage('general');
    expect(await verify(log.events)).toMatchObject({
      result: 'not_judged',
      why: expect.any(String) as string,
    });
    log.sign();
    const unsigned = log.events.slice(0, 1);
    await expect(verify(unsigned, { held: [readHeld('my file', log.checkpoints[0]!.text)] })).rejects.toThrow(
      UnfitInput,
    );
  });

  it('refuses a checkpoint of another log, or under another key', async () => {
    const [log, other] = [signedLog(5, 5), signedLog(5, 5, makeNoteKey('verbatim/other').signer)];
    const text = other.checkpoints[0]!.text;
    expect(() => readHeld('my file', text, log.signer.verifier)).toThrow(/my file .* another log/);
    await expect(verify(log.events, { held: [readHeld('my file', text)] })).rejects.toThrow(/another log/);
    const forged = signedLog(5, 5);
    const held = readHeld('my file', forged.checkpoints[0]!.text);
    await expect(verify(log.events, { held: [held] })).rejects.toThrow(UnfitInput);
    expect(() => readHeld('my file', 'nonsense')).toThrow(/my file can't be used/);
  });
});

/** What somebody may do to a log, in place `at`, and which event is the first wrong one then. */
const HARMS: Readonly<Record<string, (events: StoredEvent[], at: number) => void>> = {
  changes: (events, at) => {
    events[at] = { ...events[at]!, data: Buffer.from(`${events[at]!.data.toString()} `) };
  },
  removes: (events, at) => void events.splice(at, 1),
  inserts: (events, at) => {
    const { position, stream, revision } = events[at]!;
    const between = { commit: position.commit - 1n, prepare: position.commit - 1n };
    events.splice(at, 0, storedEvent({ stream, revision, position: between, data: '{"new":true}' }));
  },
  swaps: (events, at) => {
    const [one, other] = [events[at]!, events[at + 1]!];
    events[at] = { ...other, position: one.position };
    events[at + 1] = { ...one, position: other.position };
  },
};

describe('a log that somebody has changed', () => {
  const [MESSAGES, EVERY] = [24, 5];

  it.each(Object.keys(HARMS))('is not verified, and the first wrong event is named: %s', async (harm) => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: MESSAGES - 2 }), fc.boolean(), async (at, hasHeld) => {
        const log = signedLog(MESSAGES, EVERY);
        const [leaves, held] = [log.keepLeaves(), hasHeld ? [heldOf(log)] : []];
        const events = [...log.events];
        HARMS[harm]!(events, at);
        const found = await verify(events, { held, leaves, key: log.signer.verifier });
        expect(found).toMatchObject({ result: 'not_verified', firstWrong: expect.anything() as unknown });
        const exact = found.findings.find(({ kind, upTo }) => kind === 'changed' && !upTo);
        expect(exact?.at).toMatchObject({ leaf: at, position: `${events[at]!.position.commit}` });
      }),
      { numRuns: propertyRuns(30) },
    );
  });

  it('is named by a range that holds it, when nobody has kept the leaves', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: MESSAGES - 1 }), async (at) => {
        const log = signedLog(MESSAGES, EVERY);
        const events = [...log.events];
        HARMS['changes']!(events, at);
        const { findings, proven } = await verify(events);
        const range = findings.find(({ kind }) => kind === 'changed')!;
        expect(range.at!.leaf).toBe(proven);
        expect(range.at!.leaf).toBeLessThanOrEqual(at);
        expect(range.upTo!.leaf).toBeGreaterThanOrEqual(at);
        expect(range.upTo!.leaf! - range.at!.leaf!).toBeLessThanOrEqual(EVERY + 1);
      }),
      { numRuns: propertyRuns(30) },
    );
  });

  it('is named by a range, too, when whoever kept the leaves lies', async () => {
    const log = signedLog(MESSAGES, EVERY);
    const events = [...log.events];
    HARMS['changes']!(events, 7);
    const liar = new SignedLog();
    for (const { stream, type } of log.events) liar.addEvent(stream, type, '{}');
    const { findings } = await verify(events, { leaves: liar.keepLeaves() });
    expect(findings).toMatchObject([{ kind: 'changed', at: { leaf: 5 }, upTo: { leaf: 10 } }]);
  });

  it('and computed anew with the log’s own key is caught by a checkpoint from outside', async () => {
    const log = signedLog(MESSAGES, EVERY);
    const rewritten = new SignedLog(log.signer);
    for (const { type, stream, data } of log.events) {
      if (type === 'CheckpointSigned') rewritten.sign();
      else rewritten.addEvent(stream, type, data.toString().replace('message 7"', 'message 8"'));
    }
    expect(await verify(rewritten.events)).toMatchObject({ result: 'verified' });
    const [early, late] = [log.checkpoints[0]!, log.checkpoints.at(-1)!];
    const held = [late, early].map(({ text }) => readHeld('my file', text, log.signer.verifier));
    const found = await verify(rewritten.events, { held });
    expect(found).toMatchObject({ result: 'not_verified', firstWrong: { leaf: early.size } });
    expect(found.findings).toMatchObject([{ kind: 'changed', upTo: { leaf: late.size - 1 } }]);
  });

  it('by cutting off its end is caught by a checkpoint from outside', async () => {
    const log = signedLog(MESSAGES, EVERY);
    for (const length of [0, 1, 11, log.checkpoints.at(-1)!.size - 1]) {
      const events = log.events.slice(0, length);
      const { result, findings, firstWrong } = await verify(events, {
        held: [heldOf(log)],
        key: log.signer.verifier,
      });
      expect([result, firstWrong]).toEqual(['not_verified', undefined]);
      expect(findings).toMatchObject([
        { kind: 'cut_off', ...(length > 0 && { after: { leaf: length - 1 } }) },
      ]);
    }
  });
});

/** Returns what is wrong with a log to which something was added that no checkpoint covers. */
const wrong = async (add: (log: SignedLog) => void) => {
  const log = signedLog(5, 5);
  add(log);
  return (await verify(log.events)).findings;
};

const addWith = (log: SignedLog, given: Partial<StoredEvent>) => {
  log.addMessage('room-0');
  log.events.push({ ...log.events.pop()!, ...given });
};

describe('what no checkpoint covers yet', () => {
  it('is looked through for gaps and repetitions in a stream', async () => {
    expect(await wrong((log) => addWith(log, { revision: 4 }))).toMatchObject([
      { kind: 'gap', at: { revision: 4, leaf: 6 } },
    ]);
    expect(await wrong((log) => addWith(log, { revision: 0 }))).toMatchObject([
      { kind: 'order', at: { revision: 0 } },
    ]);
  });

  it('is looked through for positions that go back', async () => {
    expect(await wrong((log) => addWith(log, { position: log.events[0]!.position }))).toMatchObject([
      { kind: 'order', at: { leaf: 6 } },
    ]);
  });

  it('is looked through for ids that a bot has used before, in any channel and spelling', async () => {
    const id = '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f';
    const again = (log: SignedLog) => {
      log.addMessage('one', 'first', id);
      log.addMessage('other', 'second', id.toUpperCase());
    };
    const place = { position: '800' };
    expect(await wrong(again)).toMatchObject([
      { kind: 'repeated_id', at: place, text: expect.stringMatching(/700/) as string },
    ]);
  });

  it('is looked through for checkpoints that are none', async () => {
    const stranger = makeNoteKey('verbatim/0123456789abcdef').signer;
    const forge = (log: SignedLog) => {
      const other = new SignedLog(stranger);
      other.sign();
      log.addEvent('audit-checkpoints', 'CheckpointSigned', other.events[0]!.data.toString());
      log.addEvent('audit-checkpoints', 'SomethingElse', '{}');
    };
    expect(await wrong(forge)).toMatchObject([
      { kind: 'false_checkpoint', text: expect.stringMatching(/not signed by the key/) as string },
      { kind: 'false_checkpoint', text: expect.stringMatching(/SomethingElse/) as string },
    ]);
  });

  it('is verified over a rotation of its key, with either key', async () => {
    const log = signedLog(12, 4);
    const [old, next] = [log.signer, makeNoteKey(log.signer.verifier.name).signer];
    const held = heldOf(log);
    log.changeKey(next, signRotation);
    log.addMessage('general');
    log.sign();
    for (const key of [old.verifier, next.verifier, undefined])
      expect(await verify(log.events, { key, held: [held, heldOf(log)] })).toMatchObject({
        result: 'verified',
        key: next.verifier.text,
      });
    const stranger = makeNoteKey(old.verifier.name).signer.verifier;
    expect(await verify(log.events, { key: stranger })).toMatchObject({ result: 'not_verified' });
  });

  it('is verified over a replaced key with the new one, and not with the lost one', async () => {
    const log = signedLog(12, 4);
    const lost = log.signer;
    const next = makeNoteKey('verbatim/new').signer;
    log.changeKey(next, (head, old, by) => signReplacement(head, old.verifier, by));
    log.sign();
    expect(await verify(log.events, { key: next.verifier })).toMatchObject({ result: 'verified' });
    const found = await verify(log.events, { key: lost.verifier });
    expect(found.findings).toMatchObject([{ kind: 'false_checkpoint', text: /was replaced/ }]);
  });

  it('is not verified with an event that can’t be read', async () => {
    const log = signedLog(12, 4);
    const events = log.events.map((event, index) => (index === 2 ? { ...event, damaged: 'a sum' } : event));
    const found = await verify(events, { held: [heldOf(log)] });
    expect(found).toMatchObject({ result: 'not_verified', firstWrong: { leaf: 2 }, proven: 0 });
    expect(found.findings).toMatchObject([
      { kind: 'damaged', text: expect.stringMatching(/a sum/) as string },
    ]);
  });

  it('is verified with a lost event that was set aside before it was signed', async () => {
    const log = new SignedLog();
    for (const body of ['one', 'two', 'three']) log.addMessage('general', body);
    log.events[1] = { ...log.events[1]!, damaged: 'a sum' };
    log.sign();
    expect(await verify(log.events)).toMatchObject({ result: 'verified', setAside: 1, proven: 3 });
    log.events[0] = { ...log.events[0]!, data: Buffer.from('{}') };
    expect(await verify(log.events)).toMatchObject({ result: 'not_verified', setAside: 0 });
  });
});
