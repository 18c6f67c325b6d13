import { visibleText } from './fold-text.js';

/** A range in UTF-16 code units; `to` is not part of it. */
export type Range = Readonly<{ from: number; to: number }>;

/** Pieces between which a text can be cut without changing what NFKC makes of them. */
const PIECES = /\S+|\s+/g;
const CLUSTERS =
  /\p{RI}{2}|[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]+\p{M}*|\P{M}[\u11a8-\u11ff\p{M}]*|\p{M}+/gu;

/** Visible text, and for each of its code units the range of the original text that it comes from. */
export type VisibleOffsets = Readonly<{ visible: string; placeOf(unit: number): Range }>;

/**
 * Returns the visible text with its offsets. An offset points to a character with its marks, or to a whole word where
 * more than that was merged.
 */
export const visibleOffsets = (text: string): VisibleOffsets => {
  const whole = visibleText(text);
  if (whole === text) return { visible: text, placeOf: (unit) => ({ from: unit, to: unit + 1 }) };
  const places: Range[] = [];
  let visible = '';
  const add = (made: string, from: number, to: number): void => {
    visible += made;
    for (let unit = 0; unit < made.length; unit += 1) places.push({ from, to });
  };
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const made = visibleText(piece);
    const clusters = Array.from(piece.matchAll(CLUSTERS), ({ 0: cluster, index: at }) => ({
      made: visibleText(cluster),
      from: index + at,
      to: index + at + cluster.length,
    }));
    if (clusters.map((cluster) => cluster.made).join('') !== made) add(made, index, index + piece.length);
    else for (const cluster of clusters) add(cluster.made, cluster.from, cluster.to);
  }
  return { visible, placeOf: (unit) => places[unit] ?? { from: text.length, to: text.length } };
};
