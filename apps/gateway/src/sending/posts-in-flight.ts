import { eventOf, requireSame } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { Posted } from './posted.js';

type InFlight = Readonly<{ command: ConversationCommand; answer: Promise<Posted> }>;

/**
 * Holds the requests that this process is about to append. If the same id comes again before the first request is
 * answered, it joins that request and gets the same outcome. This holds over all channels, so one id cannot get into
 * two channels at the same time.
 */
export class PostsInFlight {
  private readonly posts = new Map<string, InFlight>();

  /**
   * Appends a request, or joins the same request that is already in flight.
   *
   * @throws Rejection `id_conflict` when the same id is in flight with other content
   */
  submit(command: ConversationCommand, append: () => Promise<Posted>): Promise<Posted> {
    const joined = this.join(command);
    if (joined) return joined;
    const key = acceptedKey(command.bot, command.id);
    const answer = append();
    this.posts.set(key, { command, answer });
    return answer.finally(() => this.posts.delete(key));
  }

  /**
   * Returns the outcome of the same request if it is in flight, otherwise undefined.
   *
   * @throws Rejection `id_conflict` when it has other content
   */
  join(command: ConversationCommand): Promise<Posted> | undefined {
    const first = this.posts.get(acceptedKey(command.bot, command.id));
    if (!first) return undefined;
    requireSame(eventOf(command), eventOf(first.command));
    return first.answer.then((answer) => ({ ...answer, id: command.id, duplicate: true }));
  }
}
