import { Command } from '@nestjs/cqrs';
import type { PostRequest } from '#libs/protocol/requests/post.request.js';
import type { Posted } from './posted.js';

/** A bot says something in a channel. */
export class PostMessageCommand extends Command<Posted> {
  constructor(
    readonly bot: string,
    readonly request: PostRequest,
  ) {
    super();
  }
}
