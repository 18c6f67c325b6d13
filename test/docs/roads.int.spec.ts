import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sectionOf, tableOf } from '#test/support/markdown.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The longest that each road may be, in files. */
const MOST: Readonly<Record<string, number>> = {
  'A post': 40,
  'A reconnect with backlog': 30,
  'An event into a read model': 20,
  'An audit export': 25,
};

/** What carries a call from outside this code to a file. */
const CARRIERS = ['Engine.IO', 'Socket.IO', 'HTTP', 'the event store'];

/** One file of a road. `by`: empty for the file above, else as the table says. */
type Step = Readonly<{ file: string; by: string }>;

const unquoted = (cell: string): string => cell.replaceAll('`', '');

const roadNamed = async (name: string): Promise<readonly Step[]> => {
  const section = sectionOf(await readFile(join(ROOT, 'docs/architecture.md'), 'utf8'), 'Roads');
  const part = section.split(/^### /m).find((one) => one.startsWith(`${name}\n`))!;
  return tableOf(part, 'file').map(([file, , by]) => ({ file: unquoted(file!), by: unquoted(by!) }));
};

const importsOf = async (file: string): Promise<ReadonlySet<string>> => {
  const text = await readFile(join(ROOT, file), 'utf8');
  const specifiers = [...text.matchAll(/\bfrom '([^']+)\.js'/g)].map(([, specifier]) => specifier!);
  return new Set(
    specifiers.map((one) => `${one.startsWith('#') ? one.slice(1) : join(dirname(file), one)}.ts`),
  );
};

const areLinked = async (one: string, other: string): Promise<boolean> =>
  one === other || (await importsOf(one)).has(other) || (await importsOf(other)).has(one);

/** What does not hold of a step, if anything. */
const faultAt = async (road: readonly Step[], index: number): Promise<string | undefined> => {
  const { file, by } = road[index]!;
  if (!existsSync(join(ROOT, file))) return `${file} is not there`;
  if (CARRIERS.includes(by)) return undefined;
  const above = road[index - 1]?.file;
  if (above === undefined) return `${file} needs a word about what calls it`;
  const caller = by === '' ? above : by;
  if (!existsSync(join(ROOT, caller))) return `${caller} is not there`;
  if (!(await areLinked(caller, file))) return `${caller} and ${file} do not import each other`;
  // A file off the road is one that wires this file to the one above.
  const isOnRoad = road.slice(0, index).some((step) => step.file === caller);
  if (!isOnRoad && !(await areLinked(caller, above)))
    return `${caller} and ${above} do not import each other`;
  return undefined;
};

describe.each(Object.entries(MOST))('the road: %s', (name, most) => {
  it('names files that are there and follow from each other', async () => {
    const road = await roadNamed(name);
    const faults = await Promise.all(road.map((_step, index) => faultAt(road, index)));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it(`is at most ${most} files long, and names none twice`, async () => {
    const files = (await roadNamed(name)).map(({ file }) => file);
    expect(new Set(files).size).toBe(files.length);
    expect(files.length).toBeGreaterThan(5);
    expect(files.length).toBeLessThanOrEqual(most);
  });
});
