/** Fields with their own place in the line. */
const SHOWN = new Set(['level', 'time', 'msg', 'err', 'component']);

type Entry = Readonly<Record<string, unknown>> & { readonly err?: { message?: string; stack?: string } };

/** Formats a JSON log line for people: `12:00:01 warn  store: Connection lost position=7`. Ends with a newline. */
export const compactLine = (json: string, withStack: boolean): string => {
  const entry = JSON.parse(json) as Entry;
  const rest = Object.entries(entry)
    .filter(([name]) => !SHOWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const text = [
    String(entry['time']).slice(11, 19),
    String(entry['level']).padEnd(5),
    ...(entry['component'] === undefined ? [] : [`${asText(entry['component'])}:`]),
    ...(entry['msg'] === undefined ? [] : [asText(entry['msg'])]),
    ...(entry.err?.message === undefined ? [] : [`(${entry.err.message})`]),
    ...rest,
  ].join(' ');
  return withStack && entry.err?.stack !== undefined ? `${text}\n${entry.err.stack}\n` : `${text}\n`;
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
