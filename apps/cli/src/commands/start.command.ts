import { Command } from 'commander';

/** `verbatim start`: runs everything, until Ctrl-C. */
export const startCommand = (setExitCode: (code: number) => void): Command =>
  new Command('start')
    .description('run the whole system on this machine (settings: see .env.example)')
    .option('--json', 'print what was started as one line of JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      // Loaded only here, because the other commands need none of it.
      const { runStandalone } = await import('#apps/standalone/src/standalone.js');
      const say = (text: string): void => void (json || process.stdout.write(text));
      const code = await runStandalone(process.env, {
        say,
        isTerminal: process.stdout.isTTY,
        complain: (line) => process.stderr.write(`${line}\n`),
        ready: (started) =>
          void (json && process.stdout.write(`${JSON.stringify({ ready: true, ...started })}\n`)),
      });
      setExitCode(code);
    });
