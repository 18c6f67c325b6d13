import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import { decodeBundle } from '#libs/audit-log/tiles/entry-bundle.js';
import { TILE_WIDTH, formatTilePath, widthIn, type Tile } from '#libs/audit-log/tiles/tile-path.js';
import type { Checkpoint } from '#libs/audit-log/checkpoint/checkpoint.js';

/** The audit log as an auditor with nothing but HTTP sees it. */
export class ServedLog {
  constructor(
    private readonly url: string,
    private readonly key = 'auditor-key',
  ) {}

  /** Returns the answer to `GET /v1/audit/log/<path>`. */
  request(path: string): Promise<Response> {
    return fetch(`${this.url}/v1/audit/log/${path}`, { headers: { authorization: `Bearer ${this.key}` } });
  }

  async text(path: string): Promise<string> {
    return (await this.bytes(path)).toString();
  }

  /** @throws Error when the answer is a refusal */
  async bytes(path: string): Promise<Buffer> {
    const response = await this.request(path);
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${path}: ${response.status} ${body.toString()}`);
    return body;
  }

  /** Returns the newest checkpoint, opened with the public key that the log states. */
  async checkpoint(): Promise<Checkpoint & { text: string }> {
    const text = await this.text('checkpoint');
    return { ...openCheckpoint(text, readNoteVerifier(await this.text('key'))), text };
  }

  /** Returns all entries up to a size, from the bundles. */
  async entries(size: number): Promise<Buffer[]> {
    const bundles = tilesOf('entries', size).map((tile) => this.bytes(`tile/${formatTilePath(tile)}`));
    return (await Promise.all(bundles)).flatMap(decodeBundle);
  }
}

/** Returns the tiles of a level in a tree of this size. */
const tilesOf = (level: Tile['level'], size: number): Tile[] => {
  const tiles: Tile[] = [];
  for (let index = 0; widthIn(size, { level, index }) > 0; index += 1)
    tiles.push({ level, index, width: widthIn(size, { level, index }) });
  return tiles;
};

/** Returns the paths of all tiles of a tree of this size, below `tile/`. */
export const tilePathsOf = (size: number): string[] =>
  (['entries', 0, 1, 2] as const)
    .flatMap((level) => (level !== 'entries' && size < TILE_WIDTH ** level ? [] : tilesOf(level, size)))
    .map(formatTilePath);
