import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosignNote, formatNote, parseNote, signNote, signersOf, timeOfCosignature } from './note.js';
import { makeNoteKey, readNoteSigner, readNoteVerifier } from './note-key.js';

/** The example of Go's package `golang.org/x/mod/sumdb/note`. */
const SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const PUBLIC = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNED = `${TEXT}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

const { signer } = makeNoteKey('log.example/1');
const { secret: witnessSecret, signer: plainWitness } = makeNoteKey('witness.example/w');
const witness = readNoteSigner(witnessSecret, 'cosignature');

describe('a signed note', () => {
  it('is the one of Go’s package', () => {
    expect(formatNote(signNote(TEXT, readNoteSigner(SECRET)))).toBe(SIGNED);
    expect(readNoteSigner(SECRET).verifier.text).toBe(PUBLIC);
    const known = [readNoteVerifier(PUBLIC)];
    expect(signersOf(parseNote(SIGNED), known)).toEqual(known);
  });

  it('is refused when any of its characters is changed', () => {
    const known = [signer.verifier];
    const signed = formatNote(signNote('a\n\nb — c\n1\n', signer));
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.constantFrom('x', '\n', 'é', '+'), (at, other) => {
        fc.pre(signed[at] !== other);
        const forged = `${signed.slice(0, at)}${other}${signed.slice(at + 1)}`;
        const signers = (): number => signersOf(parseNote(forged), known).length;
        let found: number | undefined;
        try {
          found = signers();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(found ?? 0).toBe(0);
      }),
    );
  });

  it('may be signed by several; those that nobody knows count for nothing', () => {
    const text = 'text\n';
    const note = signNote(text, signer);
    const signatures = [...signNote(text, plainWitness).signatures, ...note.signatures];
    const both = parseNote(formatNote({ text, signatures }));
    expect(signersOf(both, [signer.verifier])).toEqual([signer.verifier]);
    expect(signersOf(both, [signer.verifier, plainWitness.verifier])).toHaveLength(2);
    expect(signersOf(both, [])).toEqual([]);
    const forgery = { ...note.signatures[0]!, signature: Buffer.alloc(64) };
    expect(() => signersOf({ text, signatures: [forgery] }, [signer.verifier])).toThrow(
      'does not fit the note',
    );
  });

  it('keeps any text that a note may have', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/\p{Cc}/gu, ' '));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const text = `${lines.join('\n')}\n`;
        const note = parseNote(formatNote(signNote(text, signer)));
        expect(note.text).toBe(text);
        expect(signersOf(note, [signer.verifier])).toHaveLength(1);
      }),
    );
    for (const text of ['', 'no end', 'a\tb\n', 'a\r\n', 'a\u0000\n', '\ud800\n'])
      expect(() => signNote(text, signer)).toThrow(RangeError);
  });

  it('is refused when it has no such form', () => {
    const [line] = SIGNED.split('\n').slice(-2);
    const shapes = ['', 'x', 'x\n', 'x\n\n', 'x\n\n\n', `x\n${line}\n`, `x\n\n${line}`, `x\n\n${line} \n`];
    const odd = ['x\n\n- a AAAAAAA=\n', 'x\n\n— a AAAA\n', 'x\n\n— a+b AAAAAAA=\n', 'x\n\n— a AAAAAA==\n'];
    for (const given of [
      ...shapes,
      ...odd,
      `x\n\n${`${line}\n`.repeat(101)}`,
      `${'x'.repeat(1_000_000)}\n\n`,
    ])
      expect(() => parseNote(given)).toThrow(RangeError);
  });
});

describe('a cosignature', () => {
  it('holds the time and counts beside the log’s signature', () => {
    const note = signNote('text\n', signer);
    const cosignature = cosignNote(note.text, witness, 1_795_365_000n);
    const both = { ...note, signatures: [...note.signatures, cosignature] };
    const known = [signer.verifier, witness.verifier];
    expect(signersOf(parseNote(formatNote(both)), known)).toEqual(known);
    expect(timeOfCosignature(cosignature)).toBe(1_795_365_000n);
    expect(witness.verifier.keyId).not.toBe(plainWitness.verifier.keyId);
    expect(readNoteVerifier(witness.verifier.text).algorithm).toBe('cosignature');
  });

  it('fails when its time, its signature or the note is changed', () => {
    const cosignature = cosignNote('text\n', witness, 1n);
    for (let at = 0; at < cosignature.signature.length; at += 1) {
      const signature = Buffer.from(cosignature.signature);
      signature[at]! ^= 1;
      const forged = { text: 'text\n', signatures: [{ ...cosignature, signature }] };
      expect(() => signersOf(forged, [witness.verifier])).toThrow(RangeError);
    }
    expect(() => signersOf({ text: 'other\n', signatures: [cosignature] }, [witness.verifier])).toThrow(
      RangeError,
    );
    expect(() => cosignNote('text\n', signer, 1n)).toThrow('does not sign notes with a time');
  });
});

describe('a key', () => {
  it('comes back from its text', () => {
    const made = makeNoteKey('log.example/1');
    expect(readNoteSigner(made.secret).verifier.text).toBe(made.signer.verifier.text);
    expect(readNoteVerifier(made.signer.verifier.text).name).toBe('log.example/1');
  });

  it('is refused when its text is changed, and the error says nothing of a secret', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb', '\ud800'])
      expect(() => makeNoteKey(name)).toThrow(RangeError);
    const secrets = ['', 'PRIVATE+KEY+x', SECRET.replace('c74f20a3', 'c74f20a4'), `${SECRET}x`, PUBLIC];
    for (const secret of [...secrets, SECRET.replace('PeterNeumann', 'Eve')]) {
      expect(() => readNoteSigner(secret)).toThrow(RangeError);
      expect(() => readNoteSigner(secret)).not.toThrow('AYEK');
    }
    for (const text of ['', 'x', 'x+1', PUBLIC.replace('c7', 'c8'), PUBLIC.replace('ARpc', 'AhpC'), SECRET])
      expect(() => readNoteVerifier(text)).toThrow(RangeError);
  });
});
