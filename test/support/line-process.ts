import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Runs a program of these tests that takes orders and reports what happens, as JSON values, one per line. */
export class LineProcess<Told> {
  private readonly process: ChildProcess;
  private complaints = '';
  private isEnding = false;

  constructor(
    [program, ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
    /** Called with each report, until the process is ended. */
    onTold: (told: Told) => void,
    /** Called when the process has ended by itself. */
    onCrash: () => void = () => {},
  ) {
    this.process = spawn(program!, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (!this.isEnding) onTold(JSON.parse(line) as Told); // the last line may be incomplete
    });
    this.process.stdin!.on('error', () => {}); // the process has ended; its reports say why
    this.process.stderr!.on('data', (text: Buffer) => (this.complaints += text.toString()));
    this.process.once('close', () => this.isEnding || onCrash());
  }

  /** What the program printed to standard error. */
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
