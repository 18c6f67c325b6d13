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
import { Interval } from '#libs/time/interval.js';

const HEARTBEAT = new Boundary('presence.heartbeat');

/** Milliseconds between the heartbeats of a gateway that is not alone. */
const BEAT_MS = 5_000;
/** How many heartbeats the stream keeps: enough for everybody to see which gateways run, and too few to matter. */
const KEPT = 1_000;

type Listener = Readonly<{ onLost(gateway: string): void; onHeard(gateway: string): void }>;

/**
 * Writes heartbeats of this gateway to the log, and finds gateways that no longer write theirs. A gateway that is alone
 * writes only one, so that the log is not filled with heartbeats that nobody reads.
 */
@Injectable()
export class GatewayWatch {
  private roll: GatewayRoll = new Map();
  private beats: Interval | undefined;
  private beaten = false;
  private listener: Listener | undefined;

  constructor(
    @Inject(EventStore) private readonly store: Pick<EventStore, 'append' | 'setStreamMetadata'>,
    private readonly board: PresenceBoard,
    @Inject(INSTANCE) private readonly gateway: string,
    @Optional() private readonly beatMs = BEAT_MS,
  ) {}

  /** Starts the heartbeats. From now on {@link takeEvent} must get the events of the log. */
  start(listener: Listener): void {
    this.listener = listener;
    HEARTBEAT.run(() => this.beat());
    this.beats = new Interval(this.beatMs, () => this.beat(), HEARTBEAT).start();
  }

  /** Takes an event of the gateways' stream from the log. */
  takeEvent(event: GatewayEvent): void {
    const { gateway } = event.data;
    this.roll = heard(this.roll, this.gateway, event);
    if (event.type === 'GatewayStopped') {
      // It has closed its own connections as far as it could. The other gateways close the rest.
      if (gateway !== this.gateway) this.listener?.onLost(gateway);
    } else if (gateway !== this.gateway) this.listener?.onHeard(gateway);
    for (const lost of silent(this.roll)) {
      this.roll = without(this.roll, lost);
      this.listener?.onLost(lost);
    }
  }

  /** Counts an event that the gateway has written to another stream as a sign of life. */
  noteAlive(gateway: string): void {
    if (gateway !== this.gateway) this.takeEvent({ type: 'GatewaySeen', data: { gateway } });
  }

  /**
   * Writes a heartbeat out of turn. Never throws.
   *
   * @returns whether the store has taken it
   */
  sayAlive(): Promise<boolean> {
    return this.append({ type: 'GatewaySeen', data: { gateway: this.gateway } });
  }

  async stopHeartbeat(): Promise<void> {
    void this.beats?.stop();
    if (this.beaten) await this.append({ type: 'GatewayStopped', data: { gateway: this.gateway } });
  }

  private async beat(): Promise<void> {
    const others = [...this.board.gateways()].filter((gateway) => gateway !== this.gateway);
    this.roll = expecting(this.roll, others);
    if (this.beaten && this.roll.size === 0) return;
    if (!this.beaten) await this.keepFew();
    await this.append({ type: 'GatewaySeen', data: { gateway: this.gateway } });
  }

  /**
   * Appends an event and returns whether that worked. A failure does no harm, because the next heartbeat serves as
   * well.
   */
  private async append(event: GatewayEvent): Promise<boolean> {
    try {
      await this.store.append(GATEWAYS_STREAM, [newEvent(event, { node: this.gateway })], 'any');
      this.beaten = true;
      return true;
    } catch {
      return false; // the store is unreachable, so no gateway hears another one now
    }
  }

  private async keepFew(): Promise<void> {
    try {
      await this.store.setStreamMetadata(GATEWAYS_STREAM, { maxCount: KEPT });
    } catch {
      // The append that follows fails in the same way.
    }
  }
}
