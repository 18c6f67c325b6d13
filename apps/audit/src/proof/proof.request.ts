import { NAME_PATTERN, isName } from '#libs/domain/name.js';
import { RequestError } from '#libs/protocol/errors.js';
import { isMessageId } from '#libs/protocol/validation/rules.js';

/** Which message a proof is wanted of, and from which earlier tree on. */
export type ProofRequest = Readonly<{ bot: string; id: string; since?: number }>;

/**
 * Reads the address of a proof.
 *
 * @throws RequestError `invalid_name` or `invalid_payload`
 */
export const readProofRequest = (
  { bot, id }: Readonly<{ bot: string; id: string }>,
  query: Readonly<Record<string, unknown>>,
): ProofRequest => {
  if (!isName(bot)) throw new RequestError('invalid_name', `Field "bot" must match ${NAME_PATTERN.source}`);
  if (!isMessageId(id)) throw new RequestError('invalid_payload', 'Field "id" must be a UUID');
  const { since, ...rest } = query;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new RequestError('invalid_payload', `Unknown field "${unknown.slice(0, 64)}"`);
  if (since === undefined) return { bot, id };
  if (typeof since !== 'string' || !/^\d{1,15}$/.test(since))
    throw new RequestError('invalid_payload', 'Field "since" must be a whole number: the leaves of a tree');
  return { bot, id, since: Number(since) };
};
