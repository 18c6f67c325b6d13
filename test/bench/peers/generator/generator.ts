import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '#libs/platform/child-environment.js';
import type { FromGenerator, GeneratorPlan, OrderName, Orders, ToGenerator } from './orders.js';

const PROCESS = fileURLToPath(new URL('./generator.process.js', import.meta.url));

type Waiting = Readonly<{ resolve(answer: unknown): void; reject(error: Error): void }>;

/** A process with bots in it, which does what it is told. */
export class Generator {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private nextOrder = 0;

  constructor(plan: GeneratorPlan) {
    // In JSON, a percentile of no samples (NaN) would become null, and null is less than any limit.
    this.child = fork(PROCESS, { env: childEnvironment(), serialization: 'advanced' });
    this.child.on('message', (message) => this.takeAnswer(message as FromGenerator));
    this.child.on('exit', (code) => this.failAll(new Error(`The load generator ended early (${code})`)));
    this.child.send(plan);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** @throws Error when the generator could not carry out the order, or has ended */
  tell<Name extends OrderName>(name: Name, given: Orders[Name]['given']): Promise<Orders[Name]['answer']> {
    const id = this.nextOrder;
    this.nextOrder += 1;
    const order: ToGenerator = { id, name, given };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send(order);
    });
  }

  stop(): void {
    this.child.removeAllListeners('exit');
    this.child.kill('SIGKILL');
  }

  private takeAnswer({ id, answer, error }: FromGenerator): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
