import { visible } from './visible.js';

/** Holds HTML or SVG, made by {@link markup} or, from one of our constants, by {@link trusted}. */
export class Markup {
  constructor(readonly source: string) {}
}

type Part = string | number | undefined | Markup | readonly Part[];

/** Builds markup from a template. Text values are escaped, so they never act as markup; `undefined` adds nothing. */
export const markup = (sources: TemplateStringsArray, ...values: readonly Part[]): Markup =>
  new Markup(sources.reduce((all, source, index) => `${all}${sourceOf(values[index - 1])}${source}`));

/** Wraps one of our constants, such as a style sheet. Never use it for text that came from elsewhere. */
export const trusted = (source: string): Markup => new Markup(source);

const sourceOf = (part: Part): string => {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.source;
  return typeof part === 'object' ? part.map(sourceOf).join('') : escaped(String(part));
};

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => ESCAPES[character]!);
