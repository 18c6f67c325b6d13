import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What a key signs: a note itself, or a note with a time (C2SP tlog-cosignature). */
export type NoteAlgorithm = 'ed25519' | 'cosignature';

const ALGORITHM_BYTES = { ed25519: 1, cosignature: 4 } as const satisfies Record<NoteAlgorithm, number>;
const KEY_BYTES = 32;

/** The public half of a key that signs notes. */
export type NoteVerifier = Readonly<{
  name: string;
  /** The first 4 bytes of a hash over name, algorithm and key. It only helps to find the key: see `note.ts`. */
  keyId: number;
  algorithm: NoteAlgorithm;
  /** The text form, as Go's `note.NewVerifier` reads it: `<name>+<key id>+<key>`. */
  text: string;
  verifies(message: Uint8Array, signature: Uint8Array): boolean;
}>;

/** A key that signs notes. */
export type NoteSigner = Readonly<{
  verifier: NoteVerifier;
  signMessage(message: Uint8Array): Buffer;
}>;

/** Makes a new key pair. `secret` is the text form, as Go's `note.NewSigner` reads it. @throws RangeError for a bad name */
export const makeNoteKey = (name: string): Readonly<{ secret: string; signer: NoteSigner }> => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url');
  const signer = signerOf(name, seed, 'ed25519');
  const id = idText(signer.verifier.keyId);
  const secret = `PRIVATE+KEY+${name}+${id}+${Buffer.concat([Buffer.of(1), seed]).toString('base64')}`;
  return { secret, signer };
};

/**
 * Reads a secret key in the text form of Go's `note.NewSigner`. With `cosignature` the same secret signs notes with a
 * time, under another key id.
 *
 * @throws RangeError when it is not one; the message quotes nothing of it
 */
export const readNoteSigner = (secret: string, algorithm: NoteAlgorithm = 'ed25519'): NoteSigner => {
  const [first, second, name = '', id = '', ...rest] = secret.trim().split('+');
  const bytes = bytesOf(rest.join('+'));
  if (first !== 'PRIVATE' || second !== 'KEY' || bytes?.length !== KEY_BYTES + 1 || bytes[0] !== 1)
    throw new RangeError('This is not a secret key that signs notes');
  const seed = bytes.subarray(1);
  if (idText(signerOf(name, seed, 'ed25519').verifier.keyId) !== id)
    throw new RangeError('The secret key does not fit the id that stands before it');
  return signerOf(name, seed, algorithm);
};

/** Reads a public key in the text form of Go's `note.NewVerifier`. @throws RangeError when it is not one */
export const readNoteVerifier = (text: string): NoteVerifier => {
  const [name = '', id = '', ...rest] = text.trim().split('+');
  const bytes = bytesOf(rest.join('+'));
  const algorithm = bytes && algorithmOf(bytes[0]);
  if (!algorithm || bytes.length !== KEY_BYTES + 1)
    throw new RangeError('This is not a public key of a signer of notes: <name>+<key id>+<key>');
  const verifier = verifierOf(name, bytes.subarray(1), algorithm);
  if (idText(verifier.keyId) !== id) throw new RangeError('The public key does not fit its id');
  return verifier;
};

const signerOf = (name: string, seed: Buffer, algorithm: NoteAlgorithm): NoteSigner => {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    verifier: verifierOf(name, Buffer.from(x!, 'base64url'), algorithm),
    signMessage: (message) => sign(null, message, key),
  };
};

const verifierOf = (name: string, publicKey: Buffer, algorithm: NoteAlgorithm): NoteVerifier => {
  requireName(name);
  const bytes = Buffer.concat([Buffer.of(ALGORITHM_BYTES[algorithm]), publicKey]);
  const digest = createHash('sha256').update(`${name}\n`).update(bytes).digest();
  const keyId = digest.readUInt32BE();
  const key: KeyObject = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
    format: 'jwk',
  });
  return {
    name,
    keyId,
    algorithm,
    text: `${name}+${idText(keyId)}+${bytes.toString('base64')}`,
    verifies: (message, signature) => verify(null, message, key, signature),
  };
};

/** C2SP signed-note: the name is not empty and holds neither white space nor a plus. */
const requireName = (name: string): void => {
  if (name === '' || /[\s+]/u.test(name) || /\p{Cs}/u.test(name))
    throw new RangeError(`${JSON.stringify(name)} can't be the name of a key`);
};

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

const idText = (keyId: number): string => keyId.toString(16).padStart(8, '0');

const algorithmOf = (byte: number | undefined): NoteAlgorithm | undefined =>
  (Object.keys(ALGORITHM_BYTES) as NoteAlgorithm[]).find((name) => ALGORITHM_BYTES[name] === byte);

/** Returns the bytes of standard base64 with padding; undefined when it is written in any other way. */
export const bytesOf = (base64: string): Buffer | undefined => {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
};
