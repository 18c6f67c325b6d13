import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';

/** A witness: where it takes checkpoints, and the key with which it cosigns them. */
export type Witness = Readonly<{ url: string; verifier: NoteVerifier }>;

/** What a witness answered: lines with its cosignature, or the size of the checkpoint that it knows. */
export type WitnessAnswer = Readonly<{ lines: string }> | Readonly<{ knows: number }>;

/** A witness that takes longer, or says more, is given up. */
const WITHIN_MS = 5_000;
const MAX_ANSWER = 16 * 1024;

/**
 * Sends a request to add a checkpoint (C2SP tlog-witness).
 *
 * @throws Error when the witness refuses, cannot be reached or does not answer as it should
 */
export const askWitness = async (
  { url }: Pick<Witness, 'url'>,
  body: string,
  signal: AbortSignal,
  withinMs = WITHIN_MS,
): Promise<WitnessAnswer> => {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const response = await fetch(`${url.replace(/\/+$/, '')}/add-checkpoint`, {
    method: 'POST',
    body,
    redirect: 'error',
    signal: ending,
  });
  const text = await readSome(response);
  if (response.status === 200) return { lines: text };
  const size = response.status === 409 ? /^(0|[1-9]\d{0,14})\n?$/.exec(text)?.[1] : undefined;
  if (size !== undefined) return { knows: Number(size) };
  throw new Error(`it answered ${response.status}: ${text.slice(0, 200).replaceAll(/[^ -~]/g, ' ')}`);
};

/** @throws Error when the answer is too long */
const readSome = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MAX_ANSWER) throw new Error(`its answer is longer than ${MAX_ANSWER} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
};
