export type Fence = Readonly<{ language: string; text: string }>;

/** Returns the fenced blocks of a document, in order. `language` is the whole text after the opening fence. */
export const fencesOf = (markdown: string): Fence[] =>
  [...markdown.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));

/** Returns the text under a heading of the second level, up to the next one. @throws Error when there is no such heading */
export const sectionOf = (markdown: string, heading: string): string => {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`No section "${heading}"`);
  return section;
};

/** Returns, for each heading of the second level, the first table whose header begins with this cell. */
export const tablesOf = (markdown: string, firstHeader: string): string[][][] =>
  markdown
    .split(/^## /m)
    .filter((part) => part.includes(`\n| ${firstHeader} |`))
    .map((part) => tableOf(part, firstHeader));

/** Returns the rows of the first table whose header begins with this cell, as written. @throws Error when there is none */
export const tableOf = (markdown: string, firstHeader: string): string[][] => {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${firstHeader} |`));
  if (start === -1) throw new Error(`No table "${firstHeader}"`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end === -1 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
};
