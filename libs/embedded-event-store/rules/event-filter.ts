/** Which events of `$all` a reader wants. */
export interface FilterSpec {
  readonly on: 'stream' | 'type';
  /** Wins over prefixes unless empty, as in EventStoreDB (Streams.Read.cs, ConvertToEventFilter). */
  readonly regex: string;
  readonly prefixes: readonly string[];
}

/** Of an event: what filters look at, decoded only when asked. */
export interface Filterable {
  readonly stream: string;
  readonly type: string;
}

export type EventFilter = (event: Filterable) => boolean;

/** Before and after the name of a group that follows `$all`. */
const GROUP_OF_ALL = '$persistentsubscription-$all::';
const HIDDEN_OF_GROUPS = ['-checkpoint', '-parked'];

/**
 * Whether readers of `$all` see an event: all but the server's epochs and what persistent subscriptions to `$all` write
 * themselves (EventFilter.cs, DefaultAllFilterStrategy).
 */
export const isShownInAll: EventFilter = ({ stream }) => {
  if (!stream.startsWith('$')) return true;
  if (stream.startsWith(GROUP_OF_ALL)) return !HIDDEN_OF_GROUPS.some((suffix) => stream.endsWith(suffix));
  return stream !== '$epoch-information';
};

/** The regular expression of a filter is none. */
export class InvalidFilter extends Error {
  override name = 'InvalidFilter';
}

/** Prefixes are compared byte by byte; an expression matches anywhere in the name. @throws InvalidFilter */
export const eventFilter = (spec: FilterSpec): EventFilter => {
  const matches = spec.regex === '' ? startsWithAny(spec.prefixes) : matchesRegex(spec.regex);
  return spec.on === 'stream' ? (event) => matches(event.stream) : (event) => matches(event.type);
};

const startsWithAny =
  (prefixes: readonly string[]) =>
  (name: string): boolean =>
    prefixes.some((prefix) => name.startsWith(prefix));

const matchesRegex = (source: string): ((name: string) => boolean) => {
  try {
    const expression = new RegExp(source);
    return (name) => expression.test(name);
  } catch (error) {
    throw new InvalidFilter(`"${source}" is not a regular expression`, { cause: error });
  }
};
