import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import { status, type ServiceError } from '@grpc/grpc-js';
import { failureOf, identifier, type Streams } from './server.js';
import type { Scenario } from './scenario.js';

/** A read of a stream, or of `$all` if no stream is named. With `follow`, a subscription. */
export interface Read {
  readonly stream?: string;
  readonly from?: 'start' | 'end' | bigint | number;
  readonly backwards?: boolean;
  readonly count?: number;
  readonly follow?: boolean;
  readonly prefixes?: readonly string[];
  readonly types?: readonly string[];
  /** Undefined means the server's default. */
  readonly window?: number | undefined;
  readonly multiplier?: number;
  readonly compatibility?: number;
}

const { Options } = pb.ReadReq;
const empty = () => new shared.Empty();

const readRequest = (read: Read): InstanceType<typeof pb.ReadReq> => {
  const options = new Options().setResolveLinks(false).setReadDirection(read.backwards ? 1 : 0);
  options.setUuidOption(new Options.UUIDOption().setString(empty()));
  options.setControlOption(new Options.ControlOption().setCompatibility(read.compatibility ?? 1));
  if (read.follow) options.setSubscription(new Options.SubscriptionOptions());
  else options.setCount(String(read.count ?? 1_000));
  if (read.stream === undefined) options.setAll(allOf(read.from ?? 'start'));
  else options.setStream(streamOf(read.stream, read.from ?? 'start'));
  const names = read.prefixes ?? read.types;
  if (names) options.setFilter(filterOf(read, names));
  else options.setNoFilter(empty());
  return new pb.ReadReq().setOptions(options);
};

const allOf = (from: NonNullable<Read['from']>) => {
  const all = new Options.AllOptions();
  if (from === 'start') return all.setStart(empty());
  if (from === 'end') return all.setEnd(empty());
  const at = String(from);
  return all.setPosition(new Options.Position().setCommitPosition(at).setPreparePosition(at));
};

const streamOf = (stream: string, from: NonNullable<Read['from']>) => {
  const options = new Options.StreamOptions().setStreamIdentifier(identifier(stream));
  if (from === 'start') return options.setStart(empty());
  return from === 'end' ? options.setEnd(empty()) : options.setRevision(String(from));
};

const filterOf = ({ prefixes, window, multiplier = 1 }: Read, names: readonly string[]) => {
  const filter = new Options.FilterOptions();
  const expression = new Options.FilterOptions.Expression().setPrefixList([...names]);
  if (prefixes) filter.setStreamIdentifier(expression);
  else filter.setEventType(expression);
  if (window === undefined) filter.setCount(empty());
  else filter.setMax(window);
  return filter.setCheckpointintervalmultiplier(multiplier);
};

/** Once everything recorded has come, nothing more is expected after this long without an answer. */
const QUIET_MS = 150;
/** The same for a scenario without a recording. */
const UNKNOWN_QUIET_MS = 700;
const LIMIT_MS = 20_000;

/** Records everything the server answers until it ends the call or is quiet, and again after each act. */
export const follow = async (
  streams: Streams,
  s: Scenario,
  read: Read,
  acts: readonly (() => Promise<unknown>)[] = [],
): Promise<void> => {
  const call = streams.read(readRequest(read));
  const listening = new Listening(s, call);
  await listening.untilQuiet();
  for (const act of acts) {
    s.say('-- then');
    await act();
    await listening.untilQuiet();
  }
  call.cancel();
  await listening.over;
};

/** One call whose answers become lines. */
class Listening {
  /** Resolves when the call is over. */
  readonly over: Promise<void>;
  private ended = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly s: Scenario,
    call: ReturnType<Streams['read']>,
  ) {
    call.on('data', (response) => {
      const checkpoint = response.getCheckpoint();
      if (checkpoint) s.sayCheckpoint(BigInt(checkpoint.getCommitPosition()));
      this.heard(lineOf(s, response));
    });
    call.on('error', (error: ServiceError) => {
      this.ended = true;
      this.heard(error.code === status.CANCELLED ? undefined : `failed ${JSON.stringify(failureOf(error))}`);
    });
    this.over = new Promise((resolve) =>
      call.on('end', () => {
        this.ended = true;
        this.heard('end');
        resolve();
      }),
    );
  }

  async untilQuiet(): Promise<void> {
    const limit = Date.now() + LIMIT_MS;
    while (!this.ended && Date.now() < limit) {
      const rest = this.s.expected ? QUIET_MS : UNKNOWN_QUIET_MS;
      const changed = await this.change(this.s.isComplete ? rest : limit - Date.now());
      if (!changed && this.s.isComplete) return;
    }
  }

  private heard(line: string | undefined): void {
    if (line !== undefined) this.s.say(line);
    this.wake?.();
  }

  private change(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

const { ContentCase } = pb.ReadResp;

const lineOf = (s: Scenario, response: InstanceType<typeof pb.ReadResp>): string | undefined => {
  switch (response.getContentCase()) {
    case ContentCase.EVENT: {
      const event = response.getEvent()!.getEvent()!;
      const stream = Buffer.from(event.getStreamIdentifier()!.getStreamName_asU8()).toString();
      // The server's own events differ from run to run.
      if (stream.startsWith('$') && !s.owns(stream)) return undefined;
      return `event ${event.getMetadataMap().get('type')} ${stream}@${event.getStreamRevision()}`;
    }
    case ContentCase.CHECKPOINT:
      return undefined;
    case ContentCase.CONFIRMATION:
      return 'confirmed';
    case ContentCase.CAUGHT_UP:
      return 'caught up';
    case ContentCase.FELL_BEHIND:
      return 'fell behind';
    case ContentCase.STREAM_NOT_FOUND:
      return 'stream not found';
    case ContentCase.FIRST_STREAM_POSITION:
      return `first revision ${response.getFirstStreamPosition()}`;
    case ContentCase.LAST_STREAM_POSITION:
      return `last revision ${response.getLastStreamPosition()}`;
    case ContentCase.LAST_ALL_STREAM_POSITION:
      return 'last position of $all';
    default:
      return `unknown answer ${response.getContentCase()}`;
  }
};
