import { parseNote } from '#libs/audit-log/note/note.js';
import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';
import { readHeld, UnfitInput } from './checkpoints/held-checkpoint.js';
import type { EventPlace, Finding } from './finding.js';
import type { ComparedTree, OtherTree } from './leaves/compared-tree.js';
import { findOtherLeaf, type LeafSource } from './leaves/find-other-leaf.js';
import type { LogVerifier, LostEvent } from './log-verifier.js';
import type { Verification, VerificationResult } from './verification.js';
import type { VerifyOptions } from './verify-options.js';

/** Returns what is to be said after the last event. @throws UnfitInput, and whatever the source of leaves throws */
export const conclude = async (
  verifier: LogVerifier,
  { key, keyWasGiven = key !== undefined, held, leaves = async () => undefined }: VerifyOptions,
): Promise<Verification> => {
  const { tree, logged, findings } = verifier;
  if (logged.key) for (const { source, text } of held) readHeld(source, text, keyOf(text, logged));
  else if (held.length > 0)
    throw new UnfitInput('The log has no checkpoint that names its key, so the key must be given');
  const proven = tree.proven?.size ?? 0;
  const lost = verifier.lostEvents.filter(({ at }) => at.leaf >= proven);
  const other = tree.other ? await ofTree(tree.other, leaves, tree.last) : [];
  for (const finding of [...lost, ...other.filter((one) => !lost.some((event) => explains(event, one)))])
    findings.addFinding(finding);
  const { unvouched } = logged;
  if (unvouched !== undefined) findings.addFinding({ kind: 'false_checkpoint', text: unvouched });
  const inOrder = findings.inOrder();
  const firstWrong = inOrder[0]?.at;
  const name = logged.key?.name;
  return {
    ...judged(tree, inOrder),
    ...(name !== undefined && { origin: name, key: logged.key!.text }),
    keyWasGiven,
    events: tree.size,
    streams: verifier.streams,
    messages: verifier.messages,
    checkpoints: tree.agreeing,
    proven,
    setAside: verifier.lost - lost.length,
    ...(firstWrong && { firstWrong }),
    findings: inOrder,
    found: findings.found,
  };
};

/** Returns which of the log's keys has signed a checkpoint, as far as its form tells; else the newest. */
const keyOf = (text: string, { keys, key }: LogVerifier['logged']): NoteVerifier =>
  keys.find(({ name, keyId }) =>
    parseNote(text).signatures.some((one) => one.name === name && one.keyId === keyId),
  ) ?? key!;

const judged = (
  tree: ComparedTree,
  findings: readonly Finding[],
): Readonly<{ result: VerificationResult; why?: string }> => {
  if (findings.length > 0) return { result: 'not_verified' };
  const [missed] = tree.missed;
  if (missed)
    return { result: 'not_judged', why: `${missed.source} came too late after the events it covers` };
  if (!tree.proven)
    return { result: 'not_judged', why: 'There is no signed checkpoint to compare the log with' };
  return { result: 'verified' };
};

/** Returns whether a lost event alone may be why a signed tree is another one. */
const explains = ({ at: { leaf } }: LostEvent, { kind, at, upTo = at }: Finding): boolean =>
  kind === 'changed' && (at?.leaf ?? 0) <= leaf && leaf <= (upTo?.leaf ?? leaf);

const ofTree = async (other: OtherTree, source: LeafSource, last: EventPlace | undefined) =>
  ofOtherTree(other, await findOtherLeaf(other, source), last);

/**
 * Returns what a signed tree shows that is not the log's.
 *
 * @param leaf the first wrong leaf, if it was found
 * @param last the last event of the log
 */
const ofOtherTree = (other: OtherTree, leaf: number | undefined, last: EventPlace | undefined): Finding[] => {
  const { head, leaves, has } = other;
  const found: Finding[] = [];
  if (leaf !== undefined && leaf < has) found.push(exactly(leaves.placeOf(leaf)!, head.source));
  if (has < head.size && head.isHeld) found.push(cutOff(other, last));
  else if (leaf === has) found.push(exactly(leaves.placeOf(leaf)!, head.source));
  else if (leaf === undefined) found.push(somewhere(other, last));
  return found;
};

const exactly = (at: EventPlace, source: string): Finding => ({
  kind: 'changed',
  text: `It is not the event that was signed in this place (${source})`,
  at,
});

const cutOff = ({ head, has }: OtherTree, after: EventPlace | undefined): Finding => ({
  kind: 'cut_off',
  text: `The log ends after ${has} events, but ${head.source} covers ${head.size}`,
  ...(after && { after }),
});

const somewhere = ({ head, has, since, leaves }: OtherTree, last: EventPlace | undefined): Finding => {
  const upTo = leaves.placeOf(has < head.size ? has : head.size - 1) ?? last;
  const text = `${head.source} covers ${head.size} events, and of those from here on at least one is another or missing`;
  return { kind: 'changed', text, ...(since && { at: since }), ...(upTo && { upTo }) };
};
