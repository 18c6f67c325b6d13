import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Answer = Readonly<{
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}>;

export type Look = Readonly<{ width: number; height: number; scheme: 'light' | 'dark' }>;

/** Runs Debian's Chromium with one page and steers it through a pipe, so that nothing listens on a port. */
export class Chromium {
  /** Addresses of everything that the page asked for, and its own. */
  readonly requested: string[] = [];
  /** What the browser complained of: requests that the page's policy refused, and errors. */
  readonly complaints: string[] = [];
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private session: string | undefined;
  private sent = 0;
  private loaded: (() => void) | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    let rest = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop()!;
      for (const part of parts) this.take(JSON.parse(part) as Answer);
    });
  }

  static async start(): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'verbatim-test-chromium-'));
    const child = spawn(
      '/usr/bin/chromium',
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--no-first-run',
        `--user-data-dir=${profile}`,
        '--remote-debugging-pipe',
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    await once(child, 'spawn');
    const browser = new Chromium(child, profile);
    const { targetId } = await browser.ask<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
    });
    const attached = { targetId, flatten: true };
    browser.session = (await browser.ask<{ sessionId: string }>('Target.attachToTarget', attached)).sessionId;
    for (const domain of ['Page', 'Network', 'Log', 'Runtime', 'Accessibility'])
      await browser.ask(`${domain}.enable`);
    return browser;
  }

  /** Opens an address in a window of this size and waits until it is loaded. */
  async open(url: string, { width, height, scheme }: Look): Promise<void> {
    const isPhone = width < 700;
    await this.ask('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: isPhone ? 2 : 1,
      mobile: isPhone,
    });
    await this.ask('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
    const loaded = new Promise<void>((resolve) => (this.loaded = resolve));
    await this.ask('Page.navigate', { url });
    await loaded;
  }

  /** Returns the value of an expression in the page. @throws Error when the expression throws */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.ask<{
      result: { value: T };
      exceptionDetails?: { text: string };
    }>('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** Sends any other command of the DevTools protocol to the page. @throws Error with the answer when it is an error */
  async ask<T>(method: string, params: object = {}): Promise<T> {
    const id = (this.sent += 1);
    const answer = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    const message = { id, method, params, ...(this.session ? { sessionId: this.session } : {}) };
    (this.child.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private take({ id, method, params, ...answer }: Answer): void {
    if (id !== undefined) {
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    } else if (method === 'Page.loadEventFired') this.loaded?.();
    else if (method === 'Network.requestWillBeSent')
      this.requested.push((params as { request: { url: string } }).request.url);
    else if (method === 'Log.entryAdded')
      this.complaints.push((params as { entry: { text: string } }).entry.text);
  }
}
