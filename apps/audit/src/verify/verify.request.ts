import { ValidateBy } from 'class-validator';
import {
  readHeld,
  readKey,
  UnfitInput,
  type HeldCheckpoint,
} from '#libs/audit-verify/checkpoints/held-checkpoint.js';
import { RequestError } from '#libs/protocol/errors.js';
import { Optional } from '#libs/protocol/validation/rules.js';
import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';

export const MAX_CHECKPOINTS = 100;
/** The longest checkpoint that is taken, in characters. */
export const MAX_CHECKPOINT = 16_384;

const succeeds = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

const isKey = (value: unknown): boolean => typeof value === 'string' && succeeds(() => readKey(value));

const areTexts = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= MAX_CHECKPOINTS &&
  value.every((one) => typeof one === 'string' && one.length <= MAX_CHECKPOINT);

const Is = (name: string, validate: (value: unknown) => boolean, message: string): PropertyDecorator =>
  ValidateBy({ name, validator: { validate, defaultMessage: () => message } });

/** `POST /v1/audit/verify` */
export class VerifyRequest {
  /** Signed checkpoints that the auditor has kept. */
  @Optional()
  @Is(
    'areCheckpoints',
    areTexts,
    `Field "checkpoints" must be a list of at most ${MAX_CHECKPOINTS} signed checkpoints`,
  )
  checkpoints?: readonly string[];

  /** The log's public key. */
  @Optional()
  @Is('isNoteKey', isKey, 'Field "key" must be the public key of a log: <name>+<key id>+<key>')
  key?: string;
}

/** What an auditor has kept of the log. */
export type Kept = Readonly<{ key?: NoteVerifier | undefined; held: readonly HeldCheckpoint[] }>;

/** Reads what was sent. @throws RequestError `invalid_payload` when it does not fit together */
export const keptIn = ({ checkpoints = [], key }: VerifyRequest): Kept => {
  try {
    const verifier = key === undefined ? undefined : readKey(key);
    const held = checkpoints.map((text, at) =>
      readHeld(`checkpoint ${at + 1} of those sent`, text, verifier),
    );
    return { key: verifier, held };
  } catch (error) {
    if (!(error instanceof UnfitInput)) throw error;
    throw new RequestError('invalid_payload', `Field "checkpoints": ${error.message}`);
  }
};
