import { visible } from './visible.js';

/** Text on one line of Markdown as itself: nothing in it becomes a link, a tag, a list or a cell of its own. */
export const inMarkdown = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*[\]~|$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=[a-z#])/gi, '\\&')
    .replace(/^\d+(?=[.)](\s|$))/, '$&\\')
    .replace(/^[#>+=-]/, '\\$&');

/** Rows of cells under their headers. Cells are escaped by who made them. */
export const markdownTable = (headers: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headers, headers.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
