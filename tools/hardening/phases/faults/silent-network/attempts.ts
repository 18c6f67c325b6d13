import type { Outbox, Post, PostReply } from '#tools/harness/bots/outbox.js';

/** As a careful bot author sets them. */
export const ATTEMPTS = { count: 3, timeoutMs: 30_000 } as const;

export type Attempt = Readonly<{ ms: number; answered: boolean }>;

/** The bot has given up. Whether the message was accepted is open: it may be sent again under its id. */
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
 * Sends a message under its one id until it is answered.
 * @throws AttemptsFailed when no attempt was
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
