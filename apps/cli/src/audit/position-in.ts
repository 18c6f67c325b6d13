/**
 * Returns the position in a line of an export, in any format: it is a member of the JSON, or the first field
 * of the CSV.
 */
export const positionIn = (line: string): string | undefined =>
  /^(\d+),/.exec(line)?.[1] ?? (line.startsWith('{') ? jsonPosition(line) : undefined);

const jsonPosition = (line: string): string | undefined => {
  try {
    const { position } = JSON.parse(line) as { position?: unknown };
    return typeof position === 'string' && /^\d+$/.test(position) ? position : undefined;
  } catch {
    return undefined;
  }
};
