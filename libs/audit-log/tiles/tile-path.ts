/** Leaves or nodes in a full tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Levels of the tree in a tile. */
export const TILE_HEIGHT = 8;
/** Above this level a tree has no nodes: 2^53 leaves have 54 levels. */
const MAX_LEVEL = 6;

/**
 * A tile: `width` neighbouring nodes of one level of the tree, from node `index × 256` on. Its level counts in eighths
 * of the tree's levels. The level `entries` holds the leaves' entries themselves.
 */
export type Tile = Readonly<{ level: number | 'entries'; index: number; width: number }>;

/** Returns the path of a tile below `tile/` in the form of C2SP tlog-tiles, such as `0/x001/234.p/5`. */
export const formatTilePath = ({ level, index, width }: Tile): string => {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`${groups.length > 0 ? 'x' : ''}${String(rest % 1000).padStart(3, '0')}`);
  return `${level}/${groups.join('/')}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
};

/**
 * Returns the tile that a path below `tile/` names; undefined when it names none. Each tile has only one path.
 */
export const parseTilePath = (path: string): Tile | undefined => {
  const match = /^(entries|\d{1,2})\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (!match) return undefined;
  const [, level, high, low, partial] = match;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(`${high!.replaceAll(/[x/]/g, '')}${low}`),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  if (!Number.isSafeInteger(tile.index) || (tile.level !== 'entries' && tile.level > MAX_LEVEL))
    return undefined;
  return formatTilePath(tile) === path ? tile : undefined;
};

/** Returns how many nodes a tile has in a tree of `size` leaves: from 0 to 256. */
export const widthIn = (size: number, { level, index }: Pick<Tile, 'level' | 'index'>): number => {
  const nodes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH));
};
