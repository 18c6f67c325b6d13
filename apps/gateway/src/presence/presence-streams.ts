import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '#libs/domain/event.js';
import type { PresenceEvent } from '#libs/domain/presence/presence.events.js';
import { presenceStream } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { INSTANCE } from '../instance/instance.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/** Seconds for which presence events are kept: 30 days. */
const MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

/** Appends to the streams `presence-<name>`. */
@Injectable()
export class PresenceStreams {
  constructor(
    @Inject(EventStore) private readonly store: Pick<EventStore, 'append' | 'setStreamMetadata'>,
    @Inject(INSTANCE) private readonly gateway: string,
  ) {}

  /**
   * Appends after `revision` and returns the revision of the last event. With -1 it appends at any revision, because
   * the stream is new, or so old that its revision is no longer known.
   *
   * @param keyOf returns the id of the key that a connection came with, if it is known here
   * @throws WrongExpectedRevision | StoreUnavailable | StoreFault
   */
  async append(
    bot: string,
    events: readonly PresenceEvent[],
    revision: number,
    keyOf: (connection: string) => string | undefined = () => undefined,
  ): Promise<number> {
    const stream = presenceStream(bot);
    const isNew = revision < 0;
    // The limit is set before the first event. Otherwise a process that dies in between would leave a stream that grows
    // without bounds.
    if (isNew) await this.store.setStreamMetadata(stream, { maxAge: MAX_AGE_SECONDS });
    const appended = await this.store.append(
      stream,
      events.map((event) => this.eventOf(event, keyOf(event.data.connection))),
      isNew ? 'any' : revision,
    );
    return appended.revision;
  }

  private eventOf(event: PresenceEvent, keyId: string | undefined): NewEvent {
    const { type, data } = event;
    const { bot: name, connection } = data;
    const byItself = type === 'BotConnected' || data.reason === 'left';
    const actor: Actor = byItself
      ? { kind: 'bot', name, connection, ...(keyId !== undefined && { keyId }) }
      : { kind: 'system' };
    return newEvent(event, { actor, correlationId: data.connection, node: this.gateway });
  }
}
