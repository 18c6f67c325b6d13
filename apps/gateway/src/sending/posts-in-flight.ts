import { eventOf, requireSame } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { Posted } from './posted.js';

type InFlight = Readonly<{ command: ConversationCommand; answer: Promise<Posted> }>;

/**
 * Requests this process is about to append. The same id again, before the first has been answered, joins it and shares
 * its fate: this holds over all channels, so one id can't slip into two of them side by side.
 */
export class PostsInFlight {
  private readonly posts = new Map<string, InFlight>();

  /** @throws Rejection `id_conflict` when the same id is in flight with other content */
  submit(command: ConversationCommand, append: () => Promise<Posted>): Promise<Posted> {
    const joined = this.join(command);
    if (joined) return joined;
    const key = acceptedKey(command.bot, command.id);
    const answer = append();
    this.posts.set(key, { command, answer });
    return answer.finally(() => this.posts.delete(key));
  }

  /**
   * What becomes of the same request, if that is in flight.
   * @throws Rejection `id_conflict` when it has other content
   */
  join(command: ConversationCommand): Promise<Posted> | undefined {
    const first = this.posts.get(acceptedKey(command.bot, command.id));
    if (!first) return undefined;
    requireSame(eventOf(command), eventOf(first.command));
    return first.answer.then((answer) => ({ ...answer, id: command.id, duplicate: true }));
  }
}
