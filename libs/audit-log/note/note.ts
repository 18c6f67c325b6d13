import { bytesOf } from './note-key.js';
import type { NoteSigner, NoteVerifier } from './note-key.js';

/** A line below a note: who signed it, and the signature. */
export type NoteSignature = Readonly<{ name: string; keyId: number; signature: Buffer }>;

/** A text and the signatures below it (C2SP signed-note). The text ends with a line break. */
export type Note = Readonly<{ text: string; signatures: readonly NoteSignature[] }>;

/** As many as Go's reader takes. A note from a stranger must not keep us busy. */
const MAX_SIGNATURES = 100;
const MAX_CHARACTERS = 1_000_000;
const DASH = '—';

/** Returns the note signed. @throws RangeError when its text can't be that of a note */
export const signNote = (text: string, signer: NoteSigner): Note => {
  requireText(text);
  const { name, keyId } = signer.verifier;
  return { text, signatures: [{ name, keyId, signature: signer.signMessage(Buffer.from(text)) }] };
};

/** Returns a note as it is sent and kept. */
export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(formatSignature).join('')}`;

/** Returns a signature as it stands below a note, with its line break. */
export const formatSignature = ({ name, keyId, signature }: NoteSignature): string => {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  return `${DASH} ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
};

/**
 * Reads a note. Its signatures are not checked: see `signersOf`.
 *
 * @throws RangeError when it is not one
 */
export const parseNote = (given: string): Note => {
  if (given.length > MAX_CHARACTERS) throw new RangeError('The note is too long');
  const end = given.lastIndexOf('\n\n');
  if (end < 0 || !given.endsWith('\n')) throw new RangeError('A note ends with an empty line and signatures');
  const text = given.slice(0, end + 1);
  requireText(text);
  const lines = given.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new RangeError(`A note has at most ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignature) };
};

/** Reads a line below a note, without its line break. @throws RangeError when it is not a signature */
export const parseSignature = (line: string): NoteSignature => {
  const [, name = '', base64 = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = bytesOf(base64);
  if (name === '' || name.includes('+') || !bytes || bytes.length < 5)
    throw new RangeError('A line below the note is not a signature');
  return { name, keyId: bytes.readUInt32BE(), signature: bytes.subarray(4) };
};

/**
 * Returns which of these keys have signed the note. Signatures by other keys count for nothing.
 *
 * @throws RangeError when a signature under one of these keys is false: the note was changed, then, or forged
 */
export const signersOf = (note: Note, known: readonly NoteVerifier[]): NoteVerifier[] => {
  const found = new Set<NoteVerifier>();
  for (const { name, keyId, signature } of note.signatures) {
    const verifier = known.find((one) => one.name === name && one.keyId === keyId);
    if (!verifier || found.has(verifier)) continue;
    if (!verifies(verifier, note.text, signature))
      throw new RangeError(`The signature of ${name} does not fit the note`);
    found.add(verifier);
  }
  return [...found];
};

const verifies = (verifier: NoteVerifier, text: string, signature: Buffer): boolean => {
  if (verifier.algorithm === 'ed25519') return verifier.verifies(Buffer.from(text), signature);
  if (signature.length !== TIME_BYTES + 64) return false;
  const message = cosignedMessage(text, signature.readBigUInt64BE());
  return verifier.verifies(message, signature.subarray(TIME_BYTES));
};

const TIME_BYTES = 8;

/** Returns what a cosigner signs: the note with the time (in seconds since 1970) at which it saw the note. */
const cosignedMessage = (text: string, seconds: bigint): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/**
 * Returns a cosigner's signature of a note (C2SP tlog-cosignature). `seconds` is the time since 1970.
 *
 * @throws RangeError when the key does not sign with a time
 */
export const cosignNote = (text: string, signer: NoteSigner, seconds: bigint): NoteSignature => {
  const { name, keyId, algorithm } = signer.verifier;
  if (algorithm !== 'cosignature') throw new RangeError('This key does not sign notes with a time');
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(seconds);
  return {
    name,
    keyId,
    signature: Buffer.concat([time, signer.signMessage(cosignedMessage(text, seconds))]),
  };
};

/** Returns the time in a cosignature, in seconds since 1970. @throws RangeError when it is too short to hold one */
export const timeOfCosignature = ({ signature }: NoteSignature): bigint => {
  if (signature.length < TIME_BYTES) throw new RangeError('The cosignature holds no time');
  return signature.readBigUInt64BE();
};

/** C2SP signed-note: the text is UTF-8, ends with a line break, and holds no other control character. */
const requireText = (text: string): void => {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!text.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f\p{Cs}]/u.test(text))
    throw new RangeError('The text of a note ends with a line break and has no other control characters');
};
