import { visible } from './visible.js';

/** HTML or SVG: what {@link markup} made, or a constant of ours by {@link trusted}. */
export class Markup {
  constructor(readonly source: string) {}
}

type Part = string | number | undefined | Markup | readonly Part[];

/** Markup with values in it. Text among them is escaped, so that none of it ever acts; `undefined` is nothing. */
export const markup = (sources: TemplateStringsArray, ...values: readonly Part[]): Markup =>
  new Markup(sources.reduce((all, source, index) => `${all}${sourceOf(values[index - 1])}${source}`));

/** A constant of ours, as a style sheet: never with text that came from elsewhere. */
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
