import { Inject, Injectable, Optional } from '@nestjs/common';
import { expecting, heard, silent, without } from '#libs/domain/presence/gateway-roll.js';
import type { GatewayRoll } from '#libs/domain/presence/gateway-roll.js';
import type { GatewayEvent } from '#libs/domain/presence/presence.events.js';
import { GATEWAYS_STREAM } from '#libs/domain/stream-names.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { INSTANCE } from '../instance/instance.js';
import { PresenceBoard } from './presence-board.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

const HEARTBEAT = new Boundary('presence.heartbeat');

/** How often a gateway that is not alone says that it lives. */
const BEAT_MS = 5_000;
/** Heartbeats kept: enough for anybody to see who is there, not enough to matter. */
const KEPT = 1_000;

type Listener = Readonly<{ onLost(gateway: string): void; onHeard(gateway: string): void }>;

/**
 * Says in the log that this gateway lives, and finds those that no longer do. A gateway alone says so once: where
 * nobody reads it, the log is not filled with heartbeats.
 */
@Injectable()
export class GatewayWatch {
  private roll: GatewayRoll = new Map();
  private timer: NodeJS.Timeout | undefined;
  private beaten = false;
  private listener: Listener | undefined;

  constructor(
    @Inject(EventStore) private readonly store: Pick<EventStore, 'append' | 'setStreamMetadata'>,
    private readonly board: PresenceBoard,
    @Inject(INSTANCE) private readonly gateway: string,
    @Optional() private readonly beatMs = BEAT_MS,
  ) {}

  /** Begins to beat. Events must come in from now on. */
  start(listener: Listener): void {
    this.listener = listener;
    const beat = HEARTBEAT.guard(() => this.beat());
    beat();
    this.timer = setInterval(beat, this.beatMs);
  }

  /** Takes in an event of the gateways' stream, from the log. */
  takeEvent(event: GatewayEvent): void {
    const { gateway } = event.data;
    this.roll = heard(this.roll, this.gateway, event);
    if (event.type === 'GatewayStopped') {
      // It has closed what it could; what it could not, others do.
      if (gateway !== this.gateway) this.listener?.onLost(gateway);
    } else if (gateway !== this.gateway) this.listener?.onHeard(gateway);
    for (const lost of silent(this.roll)) {
      this.roll = without(this.roll, lost);
      this.listener?.onLost(lost);
    }
  }

  /** Another sign of life: the gateway has written something else. */
  noteAlive(gateway: string): void {
    if (gateway !== this.gateway) this.takeEvent({ type: 'GatewaySeen', data: { gateway } });
  }

  /** Says out of turn that this gateway lives. @returns whether the store has taken it; never throws */
  sayAlive(): Promise<boolean> {
    return this.append({ type: 'GatewaySeen', data: { gateway: this.gateway } });
  }

  async stopHeartbeat(): Promise<void> {
    clearInterval(this.timer);
    if (this.beaten) await this.append({ type: 'GatewayStopped', data: { gateway: this.gateway } });
  }

  private async beat(): Promise<void> {
    const others = [...this.board.gateways()].filter((gateway) => gateway !== this.gateway);
    this.roll = expecting(this.roll, others);
    if (this.beaten && this.roll.size === 0) return;
    if (!this.beaten) await this.keepFew();
    await this.append({ type: 'GatewaySeen', data: { gateway: this.gateway } });
  }

  /** Without an answer the next heartbeat serves as well. */
  private async append(event: GatewayEvent): Promise<boolean> {
    try {
      await this.store.append(GATEWAYS_STREAM, [newEvent(event, { node: this.gateway })], 'any');
      this.beaten = true;
      return true;
    } catch {
      return false; // the store is away; nobody hears anybody now
    }
  }

  private async keepFew(): Promise<void> {
    try {
      await this.store.setStreamMetadata(GATEWAYS_STREAM, { maxCount: KEPT });
    } catch {
      // The append that follows fails likewise.
    }
  }
}
