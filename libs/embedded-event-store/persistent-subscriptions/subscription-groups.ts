import { recordData, type ProposedEvent } from '../record/record.js';
import { metastreamOf } from '../storage/stream-state.js';
import { submit } from '../streams/submit-change.js';
import { viewStream } from '../streams/stream-view.js';
import { groupDoesNotExist, groupExists, groupFailed } from './errors.js';
import { decodeConfig, encodeConfig, type GroupDefinition } from './group-config.js';
import {
  ALL,
  CONFIG_METADATA,
  CONFIG_STREAM,
  checkpointStreamOf,
  configEvent,
  groupKey,
  metadataEvent,
  parkedStreamOf,
} from './group-streams.js';
import { InvalidSettings, checkSettings, type GroupTarget } from './rules/group-settings.js';
import { RunningGroup, type Store } from './running-group.js';
import { Interval, UNGUARDED } from '#libs/time/interval.js';

const TICK_MS = 1000;

/** Holds all persistent subscriptions of a node (PersistentSubscriptionService.cs). */
export class SubscriptionGroups {
  private readonly groups = new Map<string, RunningGroup>();
  /** Streams that have had a group since the start. Listing one of them gives an empty list instead of an error. */
  private readonly streams = new Set<string>();
  private readonly ticks = new Interval(TICK_MS, () => this.tickAll(), UNGUARDED);

  constructor(private readonly store: Store) {}

  /** Starts all stored groups at their checkpoints. */
  start(): void {
    for (const definition of this.stored()) this.runGroup(definition);
    this.ticks.start();
  }

  /** Ends all calls of consumers. Messages that they had not acknowledged are sent again after the next start. */
  stopGroups(): void {
    void this.ticks.stop();
    for (const group of this.groups.values()) group.stopGroup();
    this.groups.clear();
    this.streams.clear();
  }

  private tickAll(): void {
    for (const group of this.groups.values()) group.tick();
  }

  restart(): void {
    this.stopGroups();
    this.start();
  }

  /** Creates a group. @throws RpcError */
  async create(definition: GroupDefinition, user: string): Promise<void> {
    const { stream = ALL, group } = definition.target;
    this.check(definition);
    if (this.groups.has(groupKey(definition.target))) throw groupExists(stream, group);
    this.runGroup(definition);
    await this.save(user);
  }

  /**
   * Changes the settings of a group. Its consumers are dropped, and it continues from its checkpoint. A group of `$all`
   * keeps its filter. @throws RpcError
   */
  async update(definition: GroupDefinition, user: string): Promise<void> {
    const old = this.get(definition.target);
    this.check(definition);
    old.stopGroup();
    this.runGroup({ ...definition, target: old.target });
    await this.save(user);
  }

  /** Deletes a group with its checkpoint and its parked messages. @throws RpcError */
  async delete(target: Pick<GroupTarget, 'stream' | 'group'>, user: string): Promise<void> {
    const group = this.get(target);
    group.stopGroup();
    this.groups.delete(group.key);
    await this.save(user);
    await group.settled();
    for (const stream of [checkpointStreamOf(group.key), parkedStreamOf(group.key)])
      await submit(this.store.writer, { kind: 'delete', stream, expected: 'any', events: [] });
  }

  /** @throws RpcError if the group does not exist */
  get({ stream, group }: Pick<GroupTarget, 'stream' | 'group'>): RunningGroup {
    const found = this.groups.get(groupKey({ stream, group }));
    if (!found) throw groupDoesNotExist(stream ?? ALL, group);
    return found;
  }

  /**
   * Returns all groups, or those of a stream (`$all` counts as one), sorted by stream. @throws RpcError for a stream
   * that never had a group
   */
  list(stream: string | undefined): RunningGroup[] {
    if (stream !== undefined && !this.streams.has(stream)) throw groupDoesNotExist(stream, '');
    return [...this.groups.values()]
      .filter(({ target }) => stream === undefined || (target.stream ?? ALL) === stream)
      .toSorted((a, b) => compare(a.target.stream ?? ALL, b.target.stream ?? ALL));
  }

  private runGroup(definition: GroupDefinition): void {
    const group = new RunningGroup(this.store, definition.target, definition.settings);
    this.groups.set(group.key, group);
    this.streams.add(definition.target.stream ?? ALL);
  }

  private check({ target, settings }: GroupDefinition): void {
    const { log } = this.store;
    const newest = target.stream === undefined ? log.newestPosition() : undefined;
    try {
      if (target.stream === '') throw new InvalidSettings('Bad stream name.');
      checkSettings(settings, target.stream === undefined ? (newest ?? 0) : undefined);
    } catch (error) {
      if (!(error instanceof InvalidSettings)) throw error;
      throw groupFailed(target.stream ?? ALL, target.group, error.message);
    }
  }

  private stored(): GroupDefinition[] {
    const view = viewStream(this.store.log, CONFIG_STREAM, Date.now());
    const newest = view.kind === 'readable' ? this.store.log.entryAt(view.id, view.last) : undefined;
    return newest ? decodeConfig(recordData(newest.record).toString()) : [];
  }

  private async save(user: string): Promise<void> {
    if (!this.store.log.streamState(CONFIG_STREAM)?.hasMetadata)
      await this.append(metastreamOf(CONFIG_STREAM), metadataEvent(CONFIG_METADATA));
    await this.append(CONFIG_STREAM, configEvent(encodeConfig(this.groups.values(), user, new Date())));
  }

  private async append(stream: string, event: ProposedEvent): Promise<void> {
    await submit(this.store.writer, { kind: 'append', stream, expected: 'any', events: [event] });
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
