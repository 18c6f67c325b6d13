import { setTimeout as pause } from 'node:timers/promises';
import type { RoleProcess } from '#tools/harness/processes/role-process.js';
import type { Roles } from '#tools/harness/system/roles.js';
import type { MixedCrew } from './mixed-crew.js';
import type { Operator } from './operator.js';
import { report } from '../report.js';
import type { Fault, PlannedFault, Target } from './fault-plan.js';
import type { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';

/** Milliseconds for which a process is started again and again until it runs, as a supervisor would do. */
const START_WITHIN_MS = 60_000;

/** Carries out a plan of faults, and repairs the damage. */
export class Saboteur {
  /** How often each kind of fault was carried out. */
  readonly done = new Map<string, number>();
  private readonly busy = new Set<string>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly roles: Roles,
    private readonly network: UnrulyNetwork,
    private readonly crew: MixedCrew['crew'],
    private readonly operator: Operator,
  ) {}

  /**
   * Resolves when the last fault is over and everything runs again. A target that still suffers from one fault is
   * spared the next.
   */
  async carryOut(plan: readonly PlannedFault[]): Promise<void> {
    const began = performance.now();
    for (const fault of plan) {
      await pause(Math.max(0, began + fault.atMs - performance.now()));
      const places = placesOf(fault);
      if (places.some((place) => this.busy.has(place))) continue;
      for (const place of places) this.busy.add(place);
      const name = `${fault.kind} ${places[0]}`;
      this.done.set(name, (this.done.get(name) ?? 0) + 1);
      report(`${(fault.atMs / 1_000).toFixed(1)} s: ${describe(fault)}`);
      const work = this.commit(fault).finally(() => {
        for (const place of places) this.busy.delete(place);
        this.underWay.delete(work);
      });
      this.underWay.add(work);
    }
    await Promise.all(this.underWay);
  }

  private async commit(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'cut':
        this.network.cut(fault.share);
        return;
      case 'delay':
        this.network.delay(fault.byMs);
        await pause(fault.forMs);
        this.network.delay(0);
        return;
      case 'half-close':
      case 'mute': {
        const how = fault.kind === 'mute' ? 'mute' : 'halfClose';
        const breakOff = this.network[how](fault.share, fault.towards);
        await pause(fault.forMs);
        breakOff();
        return;
      }
      case 'storm':
        await this.crew.storm(
          fault.share,
          this.roles.gateways.map(({ api }) => api.url),
        );
        return;
      case 'retention':
        await this.operator.retainOtherwise(this.crew.highestAnswered(), fault.channels);
        return;
      case 'scavenge':
        await this.operator.scavenge();
        return;
      case 'postgres':
        await this.roles.postgres.stopServer(fault.how === 'crash' ? 'crash' : undefined);
        await pause(fault.forMs);
        await this.roles.postgres.restart();
        return;
      default:
        await this.strike(fault, this.process(fault.target));
    }
  }

  private async strike(
    { kind, forMs }: Extract<Fault, { target: Target }>,
    target: RoleProcess,
  ): Promise<void> {
    if (kind === 'freeze') {
      target.pause();
      await pause(forMs);
      target.resume();
      return;
    }
    if (kind === 'kill') await target.kill();
    else await target.terminate(60_000);
    await pause(forMs);
    await startAgain(target);
  }

  private process(target: Target): RoleProcess {
    if (target === 'event store') return this.roles.eventStore;
    if (target === 'projector') return this.roles.projectors[0]!.process;
    return this.roles.gateways[target === 'gateway-1' ? 0 : 1]!.process;
  }
}

const startAgain = async (target: RoleProcess): Promise<void> => {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    try {
      await target.start(START_WITHIN_MS);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
};

/** Returns the parts that suffer from a fault, or must not suffer from another one meanwhile. */
const placesOf = (fault: Fault): readonly string[] => {
  if ('target' in fault) return [fault.target];
  switch (fault.kind) {
    case 'postgres':
      return ['PostgreSQL'];
    case 'storm':
      return ['bots'];
    case 'retention':
      return ['channels'];
    case 'scavenge':
      return ['event store', 'projector', 'PostgreSQL'];
    default:
      return [`network (${fault.kind})`];
  }
};

const describe = (fault: PlannedFault): string => {
  const { kind, atMs: _, ...rest } = fault;
  const details = Object.values(rest).map((value) =>
    typeof value === 'number' ? String(Math.round(value * 100) / 100) : value,
  );
  return [kind, ...details].join(' ');
};
