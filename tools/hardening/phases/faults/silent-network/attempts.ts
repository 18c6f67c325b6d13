import type { Outbox, Post, PostReply } from '#tools/harness/bots/outbox.js';

/** Settings that a careful author of a bot would choose. */
export const ATTEMPTS = { count: 3, timeoutMs: 30_000 } as const;

export type Attempt = Readonly<{ ms: number; answered: boolean }>;

/** The bot has given up. The message may or may not have been accepted, so it may be sent again under its id. */
export class AttemptsFailed extends Error {
  override readonly name = 'AttemptsFailed';

  constructor(post: Post) {
    super(
      `Message ${post.id} was not answered in ${ATTEMPTS.count} attempts of ${ATTEMPTS.timeoutMs / 1_000} s each; ` +
        'it may have been accepted: send it again under the same id when the connection is back',
    );
  }
}

/**
 * Sends a message under one id until it is answered.
 * @throws AttemptsFailed when no attempt was answered
 */
export const postWithAttempts = async (
  outbox: Pick<Outbox, 'attempt'>,
  post: Post,
  onAttempt: (attempt: Attempt) => void,
): Promise<PostReply> => {
  for (let attempt = 1; attempt <= ATTEMPTS.count; attempt += 1) {
    const begin = performance.now();
    const reply = await outbox.attempt(post, ATTEMPTS.timeoutMs);
    onAttempt({ ms: performance.now() - begin, answered: reply !== undefined });
    if (reply) return reply;
  }
  throw new AttemptsFailed(post);
};
