import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program of these tests that is told what to do and tells what happens, by a JSON value a line. */
export class LineProcess<Told> {
  private readonly process: ChildProcess;
  private complaints = '';
  private isEnding = false;

  constructor(
    [program, ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
    /** What it tells, until it is ended. */
    onTold: (told: Told) => void,
    /** It has ended by itself. */
    onCrash: () => void = () => {},
  ) {
    this.process = spawn(program!, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (!this.isEnding) onTold(JSON.parse(line) as Told); // the last line may be half of one
    });
    this.process.stdin!.on('error', () => {}); // it has ended; what it told says why
    this.process.stderr!.on('data', (text: Buffer) => (this.complaints += text.toString()));
    this.process.once('close', () => this.isEnding || onCrash());
  }

  /** What it printed beside. */
  get stderr(): string {
    return this.complaints;
  }

  tell(value: unknown): void {
    this.process.stdin!.write(`${JSON.stringify(value)}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.isEnding = true;
    const gone = new Promise((resolve) => this.process.once('close', resolve));
    this.process.kill('SIGKILL');
    await gone;
  }
}
