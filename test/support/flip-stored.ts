import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Flips a bit in the data folder of an event store that does not run, where this text lies in its log.
 * @throws Error when it is not there, or more than once
 */
export const flipStored = (dataDir: string, text: string): void => {
  const places = readdirSync(dataDir)
    .filter((name) => name.startsWith('events-'))
    .flatMap((name) => placesIn(join(dataDir, name), text));
  const [place] = places;
  if (!place || places.length > 1) throw new Error(`"${text}" is in the log ${places.length} times`);
  const fd = openSync(place.file, 'r+');
  writeSync(fd, Buffer.from([text.charCodeAt(0) ^ 1]), 0, 1, place.at);
  closeSync(fd);
};

const placesIn = (file: string, text: string): { file: string; at: number }[] => {
  const bytes = readFileSync(file);
  const places: { file: string; at: number }[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push({ file, at });
  return places;
};
