import { describe, expect, it } from 'vitest';
import { decidePost } from '#libs/domain/conversation/conversation.decider.js';

describe('posting a message', () => {
  it('x', () => {
    expect(
      decidePost({ type: 'PostMessage', id: 'a', channel: 'c', bot: 'b', body: 'x' }, undefined),
    ).toHaveLength(1);
  });
});
