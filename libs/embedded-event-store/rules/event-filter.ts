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
