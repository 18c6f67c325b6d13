import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes from the beginning of a record to the name of its stream, if that is shorter than 128 bytes. */
const NAME_AT = 58;

/** A byte of a record, counted from its beginning. */
export const IN_RECORD = { length: 1, revision: 47, name: NAME_AT } as const;

/**
 * Flips a bit in the data folder of an event store that does not run, where this text lies in its log. If a part is
 * given, the bit is in that part of the record of the text, which is an event of this stream.
 * @throws Error when it is not there, or more than once
 */
export const flipStored = (
  dataDir: string,
  text: string,
  part?: Readonly<{ stream: string; in: keyof typeof IN_RECORD }>,
): void => {
  const places = readdirSync(dataDir)
    .filter((name) => name.startsWith('events-'))
    .flatMap((name) => placesIn(join(dataDir, name), text));
  const [place] = places;
  if (!place || places.length > 1) throw new Error(`"${text}" is in the log ${places.length} times`);
  const bytes = readFileSync(place.file);
  const at = part ? bytes.lastIndexOf(part.stream, place.at) - NAME_AT + IN_RECORD[part.in] : place.at;
  const fd = openSync(place.file, 'r+');
  writeSync(fd, Buffer.from([bytes[at]! ^ 1]), 0, 1, at);
  closeSync(fd);
};

const placesIn = (file: string, text: string): { file: string; at: number }[] => {
  const bytes = readFileSync(file);
  const places: { file: string; at: number }[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push({ file, at });
  return places;
};
