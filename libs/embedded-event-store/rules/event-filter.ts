/** Describes which events of `$all` a reader wants. */
export interface FilterSpec {
  readonly on: 'stream' | 'type';
  /**
   * Regular expression. Unless empty it replaces the prefixes, as in EventStoreDB (Streams.Read.cs,
   * ConvertToEventFilter).
   */
  readonly regex: string;
  readonly prefixes: readonly string[];
}

/** The parts of an event that filters look at, decoded only on demand. */
export interface Filterable {
  readonly stream: string;
  readonly type: string;
}

export type EventFilter = (event: Filterable) => boolean;

/** Text before and after the name of a group that follows `$all`, in the names of its streams. */
const GROUP_OF_ALL = '$persistentsubscription-$all::';
const HIDDEN_OF_GROUPS = ['-checkpoint', '-parked'];

/**
 * Returns whether readers of `$all` see an event. Hidden are the server's epochs, and the events that persistent
 * subscriptions to `$all` write themselves (EventFilter.cs, DefaultAllFilterStrategy).
 */
export const isShownInAll: EventFilter = ({ stream }) => {
  if (!stream.startsWith('$')) return true;
  if (stream.startsWith(GROUP_OF_ALL)) return !HIDDEN_OF_GROUPS.some((suffix) => stream.endsWith(suffix));
  return stream !== '$epoch-information';
};

/** Reports that the regular expression of a filter is invalid. */
export class InvalidFilter extends Error {
  override name = 'InvalidFilter';
}

/**
 * Makes a filter. Prefixes are compared byte by byte; an expression matches anywhere in the name. @throws InvalidFilter
 */
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
