import type { ClientKind } from '../generator/orders.js';

/** Everyone who will take part in a run: the channel of each bot, by its index. */
export type Guests = readonly string[];

/** One system that is measured, while it runs. */
export interface RunningSystem {
  readonly client: ClientKind;
  readonly url: string;
  /** What each guest must tell the system when it connects. */
  readonly auths: readonly Readonly<Record<string, unknown>>[];
  /** Where it keeps its data, if it keeps any. */
  readonly folder: string | undefined;
  /** All of its processes. */
  pids(): readonly number[];
  /**
   * Resolves once what it derives from its log, such as read models, has reached the end of the log.
   *
   * @throws Error after this many ms
   */
  untilLevel(patienceMs: number): Promise<void>;
  /** Ends all of its processes by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it on the same data, after {@link kill}. Resolves when it accepts connections. */
  startAgain(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A system that can be measured. */
export interface System {
  readonly name: string;
  /** Whether it keeps messages for bots that are away. */
  readonly remembers: boolean;
  /** Whether it is made for many posts a second. Otherwise only readers are compared. */
  readonly takesLoad: boolean;
  /** Version of each program and library that the figures depend on. */
  versions(): Readonly<Record<string, string>>;
  /** Says why the system cannot be measured on this machine; undefined if it can. */
  whyNot(): string | undefined;
  start(guests: Guests): Promise<RunningSystem>;
}
