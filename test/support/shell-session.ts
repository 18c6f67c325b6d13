import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessTree, signal } from '#tools/harness/processes/process-tree.js';

/**
 * Runs a shell and types into it, as somebody who follows a page would. Background jobs survive from block to block.
 */
export class ShellSession {
  private readonly shell;
  private readonly tree: ProcessTree;
  private printed = '';

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.shell = spawn('bash', [], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.tree = new ProcessTree(this.shell.pid!);
    for (const stream of [this.shell.stdout, this.shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    }
  }

  /** Everything that any process has printed so far. */
  get output(): string {
    return this.printed;
  }

  type(block: string): void {
    this.shell.stdin.write(`${block}\n`);
  }

  /** Ends the shell and everything it started. */
  async close(): Promise<void> {
    this.tree.kill();
    signal(this.shell.pid!, 'SIGKILL');
    if (this.shell.exitCode === null && this.shell.signalCode === null) await once(this.shell, 'exit');
  }
}
