import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { keyOfCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { ToldAuditLog } from '#libs/protocol/audit-log.js';

const LOOK = new Boundary('bots.audit-log-key');
/** How many of the last events are looked at for a checkpoint. Nobody but an operator can write others there. */
const LAST_EVENTS = 16;

/**
 * Knows the origin and the public key of the audit log, from its newest checkpoint in the log. Bots are told them, so
 * that they can remember whose signatures to expect.
 */
@Injectable()
export class AuditLogKey implements OnModuleInit, OnApplicationBootstrap {
  #revision = -1;
  #told: ToldAuditLog | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly feed: LogFeed,
  ) {}

  /** What bots are told; undefined while the log has no checkpoint that is known here. */
  get told(): ToldAuditLog | undefined {
    return this.#told;
  }

  onModuleInit(): void {
    this.feed.listen({ prefixes: [CHECKPOINTS_STREAM], onEvent: (event) => this.#take(event) });
  }

  /** If the store is away now, the next checkpoint brings the key. */
  onApplicationBootstrap(): void {
    LOOK.run(() => this.#readNewest().catch(() => undefined));
  }

  async #readNewest(): Promise<void> {
    const read = { direction: 'backwards', limit: LAST_EVENTS } as const;
    for await (const event of this.store.readStream(CHECKPOINTS_STREAM, read)) this.#take(event);
  }

  /** Takes the key from a checkpoint, unless a newer one is known. */
  #take({ revision, type, data }: RecordedEvent): void {
    if (type !== 'CheckpointSigned' || revision <= this.#revision) return;
    const verifier = keyOfCheckpoint(data as Readonly<Record<'note' | 'key', unknown>>);
    if (!verifier) return;
    this.#revision = revision;
    this.#told = { origin: verifier.name, key: verifier.text };
  }
}
