import { sleep } from '#libs/time/sleep.js';
import type { Verification } from '#libs/audit-verify/verification.js';
import { UnfitInput } from '#libs/audit-verify/checkpoints/held-checkpoint.js';
import type { ApiClient } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';
import type { Progress } from './progress.js';
import type { Kept } from './verify-inputs.js';

type State = Readonly<{
  state: 'none' | 'running' | 'done' | 'failed' | 'stopped';
  id?: string;
  progress?: Progress;
  result?: Verification;
  why?: string;
}>;

const PATH = '/v1/audit/verify';
const LOOK_MS = 250;

/**
 * Has the server verify its log, with what was kept, and waits for the result.
 *
 * @throws UnfitInput when the server could not judge the log; CommandFailed when it refuses, or does not answer
 */
export const verifyOnServer = async (
  client: Pick<ApiClient, 'request'>,
  { key, held }: Kept,
  onProgress: (progress: Progress) => void,
): Promise<Verification> => {
  const checkpoints = held.map(({ text }) => text);
  const asked = { checkpoints, ...(key && { key: key.text }) };
  const { id } = await client.request<State>('POST', PATH, asked);
  for (;;) {
    const now = await client.request<State>('GET', PATH);
    if (now.id !== id) throw new CommandFailed('The server has forgotten the verification: it was restarted');
    if (now.progress) onProgress(now.progress);
    if (now.state === 'done') return now.result!;
    if (now.state === 'failed') throw new UnfitInput(now.why ?? 'The server does not say why');
    if (now.state === 'stopped') throw new UnfitInput('Somebody has stopped the verification');
    await sleep(LOOK_MS);
  }
};
