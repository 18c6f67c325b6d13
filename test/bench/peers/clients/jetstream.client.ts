import { DeliverPolicy, jetstream, type ConsumerMessages, type JetStreamClient } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { BotClient, ClientOptions, Post, Stamp } from './bot-client.js';

/** The stream that holds all channels, each under a subject of its own. */
export const STREAM = 'bots';
export const subjectOf = (channel: string): string => `channel.${channel}`;

/** The client's own socket, which its types do not show. */
type WithSocket = Readonly<{ protocol: { transport: { socket: { destroy(): void } } } }>;

/** A bot of JetStream: an ordered consumer of its channel's subject. It keeps the position itself. */
export class JetStreamBot implements BotClient {
  private connection: NatsConnection | undefined;
  private stream: JetStreamClient | undefined;
  private messages: ConsumerMessages | undefined;
  private seen = 0;

  constructor(private readonly options: ClientOptions) {}

  async connect(): Promise<void> {
    const { url, channel, receive } = this.options;
    this.connection = await connect({ servers: url, reconnect: false, timeout: 60_000 });
    this.stream = jetstream(this.connection, { timeout: 60_000 });
    const from =
      this.seen === 0
        ? { deliver_policy: DeliverPolicy.New }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.seen + 1 };
    const consumer = await this.stream.consumers.get(STREAM, {
      filter_subjects: subjectOf(channel),
      ...from,
    });
    this.messages = await consumer.consume({
      max_messages: 1_000,
      callback: (message) => {
        this.seen = message.seq;
        receive(message.json<{ data: Stamp }>().data);
      },
    });
    // The consumer exists once the server has answered something that was asked after it.
    await this.connection.flush();
  }

  post(message: Post, settled: (error?: string) => void): void {
    this.stream!.publish(subjectOf(this.options.channel), JSON.stringify(message)).then(
      () => settled(),
      (error: Error) => settled(error.message),
    );
  }

  cut(): void {
    this.messages?.stop();
    (this.connection as unknown as WithSocket | undefined)?.protocol.transport.socket.destroy();
  }

  comeBack(): Promise<void> {
    return this.connect();
  }

  close(): void {
    this.cut();
  }
}
