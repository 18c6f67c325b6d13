/** What every message carries in every system: its sender, its number among those of that sender, and when it left. */
export type Stamp = Readonly<{ sender: number; n: number; sentAt: number }>;

export type Post = Readonly<{ body: string; data: Stamp }>;

/** One bot's connection to a system, the same for all systems. */
export interface BotClient {
  /** Resolves when the bot will receive everything that is posted from now on. */
  connect(): Promise<void>;
  /** Posts to the bot's channel. `settled` is called once, with the error if there was one. */
  post(message: Post, settled: (error?: string) => void): void;
  /** Ends the connection without a goodbye. Answers that are still due never come. */
  cut(): void;
  /** Connects again, and asks for what came since the last message received. */
  comeBack(): Promise<void>;
  close(): void;
}

export type ClientOptions = Readonly<{
  url: string;
  channel: string;
  auth: Readonly<Record<string, unknown>>;
  receive(stamp: Stamp): void;
}>;
