import { DurableStream, stream } from '@durable-streams/client';
import type { BotClient, ClientOptions, Post, Stamp } from './bot-client.js';

/** A bot of Durable Streams: it appends by HTTP, and follows its channel's stream by server-sent events. */
export class DurableStreamsBot implements BotClient {
  private readonly address: string;
  private readonly appends: DurableStream;
  private following = new AbortController();
  /** Where the bot goes on. */
  private offset: string | undefined;

  constructor(private readonly options: ClientOptions) {
    this.address = `${options.url}/${options.channel}`;
    // Batching is the client's default: appends that wait for one under way go together in the next.
    this.appends = new DurableStream({ url: this.address, contentType: 'application/json' });
  }

  async connect(): Promise<void> {
    const { signal } = (this.following = new AbortController());
    // `offset: 'now'` would be settled only later, when the events are followed.
    this.offset ??= await this.endOfStream();
    const following = await stream<{ data: Stamp }>({
      url: this.address,
      ...(this.offset !== undefined && { offset: this.offset }),
      live: 'sse',
      signal,
    });
    following.subscribeJson(({ items, offset }) => {
      if (signal.aborted) return;
      for (const { data } of items) this.options.receive(data);
      this.offset = offset;
    });
    following.closed.catch(() => undefined);
  }

  post(message: Post, settled: (error?: string) => void): void {
    this.appends.append(JSON.stringify(message)).then(
      () => settled(),
      (error: Error) => settled(error.message),
    );
  }

  cut(): void {
    this.following.abort();
  }

  comeBack(): Promise<void> {
    return this.connect();
  }

  close(): void {
    this.cut();
  }

  private async endOfStream(): Promise<string | undefined> {
    const head = await DurableStream.head({ url: this.address });
    return head.exists ? head.offset : undefined;
  }
}
