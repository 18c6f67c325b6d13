import { visible } from './visible.js';

/** Escapes text for one line of Markdown: nothing in it becomes a link, a tag, a list or a separate cell. */
export const inMarkdown = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*[\]~|$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=[a-z#])/gi, '\\&')
    .replace(/^\d+(?=[.)](\s|$))/, '$&\\')
    .replace(/^[#>+=-]/, '\\$&');

/** Returns a Markdown table. Callers escape the cells. */
export const markdownTable = (headers: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headers, headers.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
