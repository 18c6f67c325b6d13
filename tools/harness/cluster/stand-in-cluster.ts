import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { freePort } from '#libs/platform/free-port.js';
import { waitFor } from '../wait-for.js';
import { HOST, TAKE_THE_LEAD } from './member-plan.js';
import type { MemberPlan, MemberSays } from './member-plan.js';

const { resolve } = createRequire(import.meta.url);
/** Resolved by name, so that it is found in the sources and in the build. */
const MEMBER = resolve('#tools/harness/cluster/member.process.js');
const STORE = resolve('#libs/embedded-event-store/main.js');

export type ClusterPlan = Readonly<{
  /** Number of members; 3 by default. */
  members?: number;
  /** A silent member counts as dead after this time. 1 s by default; with `electionMs`, about what real members take. */
  silenceMs?: number;
  /** How long a dead leader's place then stays empty. 500 ms by default. */
  electionMs?: number;
}>;

/**
 * Several members of an EventStoreDB cluster, each in its own process, in front of one embedded store. The store does not
 * replicate, but a caller of a member can't see the difference. Members can be killed, frozen and started again; they elect
 * the leader among themselves. Needs `npm run build`. Ends with the process that started it.
 */
export class StandInCluster {
  private readonly members: (ChildProcess | undefined)[] = [];
  private latest: Readonly<{ member: number; term: number }> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly store: ChildProcess,
    private readonly plan: Omit<MemberPlan, 'self'>,
  ) {}

  /** Resolves once a member leads. */
  static async start(plan: ClusterPlan = {}): Promise<StandInCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-cluster-'));
    const args = ['--data', join(folder, 'data'), '--port', '0', '--with-parent'];
    const store = spawn(process.execPath, [STORE, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(store.stdout), 'line')) as [string];
    const cluster = new StandInCluster(folder, store, {
      ports: await Promise.all(Array.from({ length: plan.members ?? 3 }, () => freePort())),
      storePort: (JSON.parse(line) as { port: number }).port,
      silenceMs: plan.silenceMs ?? 1_000,
      electionMs: plan.electionMs ?? 500,
    });
    await Promise.all(cluster.plan.ports.map((_, member) => cluster.startMember(member)));
    await cluster.untilSomeoneLeads();
    return cluster;
  }

  get ports(): readonly number[] {
    return this.plan.ports;
  }

  /** A connection string that names all members. */
  get connectionString(): string {
    return `esdb://${this.ports.map((port) => `${HOST}:${port}`).join(',')}?tls=false`;
  }

  /** The member that took the lead last; it may have died since. @throws Error if none ever led */
  get leader(): number {
    if (!this.latest) throw new Error('No member has led yet');
    return this.latest.member;
  }

  /** Members that run, frozen or not. */
  get running(): readonly number[] {
    return this.ports.flatMap((_, member) => (this.members[member] ? [member] : []));
  }

  /** Resolves with the leader, once it is a member other than this one. */
  async untilSomeoneLeads(but?: number): Promise<number> {
    await waitFor(
      'a member to lead',
      () => this.latest !== undefined && this.latest.member !== but,
      20_000,
      10,
    );
    return this.leader;
  }

  async startMember(member: number): Promise<void> {
    const plan: MemberPlan = { ...this.plan, self: member };
    const child = spawn(process.execPath, [MEMBER, JSON.stringify(plan)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.members[member] = child;
    const ready = new Promise<void>((isReady, reject) => {
      child.once('exit', () => reject(new Error(`Member ${member} has ended`)));
      createInterface(child.stdout).on('line', (line) => {
        const said = JSON.parse(line) as MemberSays;
        if ('ready' in said) isReady();
        else this.noteLeader(member, said.term);
      });
    });
    await ready;
  }

  /** Kills a member, as a power cut would. */
  async kill(member: number): Promise<void> {
    const child = this.members[member];
    this.members[member] = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Freezes a member like a hung machine: it neither answers nor closes anything until {@link thaw}. */
  freeze(member: number): void {
    this.members[member]?.kill('SIGSTOP');
  }

  thaw(member: number): void {
    this.members[member]?.kill('SIGCONT');
  }

  /** Makes a member take the lead; the one before answers `not leader` from then on. */
  async giveLead(member: number): Promise<void> {
    this.members[member]?.stdin?.write(`${TAKE_THE_LEAD}\n`);
    await waitFor(`member ${member} to lead`, () => this.leader === member, 10_000, 5);
  }

  /** Ends all processes and removes the data. */
  async remove(): Promise<void> {
    await Promise.all(this.ports.map((_, member) => this.kill(member)));
    if (this.store.exitCode === null) {
      const ended = once(this.store, 'exit');
      this.store.kill('SIGKILL');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private noteLeader(member: number, term: number): void {
    if (this.latest === undefined || term > this.latest.term) this.latest = { member, term };
  }
}
