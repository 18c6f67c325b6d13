import { Injectable } from '@nestjs/common';
import { channelDamaged } from '#libs/delivery/channel-damaged.js';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import { isMember } from '#libs/domain/channel/channel.decider.js';
import { channelStream } from '#libs/domain/stream-names.js';
import { RequestError } from '#libs/protocol/errors.js';

/** Checks who may see the proof of a message: whoever may read the message. */
@Injectable()
export class ProofAccess {
  constructor(
    private readonly directory: Directory,
    private readonly tails: DirectoryTails,
  ) {}

  /**
   * Checks that a bot is a member of a channel. A membership so new that this process does not know it is looked up.
   *
   * @throws RequestError `forbidden` or `channel_damaged`
   */
  async requireMember(channel: string, bot: string): Promise<void> {
    const stream = channelStream(channel);
    if (!this.#isMember(channel, bot)) await this.tails.readOn(stream);
    const damage = this.directory.damageOf(stream);
    if (damage) throw channelDamaged(channel, stream, damage.revision);
    if (!this.#isMember(channel, bot))
      throw new RequestError('forbidden', `Bot "${bot}" is not a member of the channel of this message`);
  }

  #isMember(channel: string, bot: string): boolean {
    return isMember(this.directory.channel(channel), bot);
  }
}
