import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { parseTilePath } from '#libs/audit-log/tiles/tile-path.js';
import { ProblemAnswers, type ProblemExample } from '#libs/platform/openapi/problems.js';
import { RequestError } from '#libs/protocol/errors.js';
import { LogReader } from './log-reader.js';

const TEXT = 'text/plain; charset=utf-8';

const UNAVAILABLE: ProblemExample = [
  'audit_log_unavailable',
  'There is no checkpoint: nothing is signed yet',
];
const REFUSALS: readonly ProblemExample[] = [
  ['unauthenticated', 'A valid key is needed'],
  ['forbidden', 'This is not for bot keys'],
];

/** Serves the audit log in the form of C2SP tlog-tiles. */
@ApiTags('audit')
@Controller('audit/log')
export class LogController {
  constructor(private readonly reader: LogReader) {}

  @Get('checkpoint')
  @Header('content-type', TEXT)
  @Header('cache-control', 'no-store')
  @ApiProduces('text/plain')
  @ApiOperation({ summary: 'The newest signed checkpoint of the audit log (C2SP tlog-checkpoint)' })
  @ProblemAnswers([...REFUSALS, UNAVAILABLE])
  checkpoint(): string {
    return this.reader.newestCheckpoint().text;
  }

  @Get('key')
  @Header('content-type', TEXT)
  @ApiProduces('text/plain')
  @ApiOperation({
    summary: 'The public key that signs checkpoints',
    description:
      'Compare it with one that you got on another way: whoever can change the log can change this answer.',
  })
  @ProblemAnswers([...REFUSALS, UNAVAILABLE])
  key(): string {
    return `${this.reader.publicKey()}\n`;
  }

  /** A tile never changes, so it may be kept for good. */
  @Get('tile/*path')
  @Header('cache-control', 'private, max-age=31536000, immutable')
  @ApiProduces('application/octet-stream')
  @ApiOperation({
    summary: 'A tile of the tree, or a bundle of its entries (C2SP tlog-tiles)',
    description:
      'Paths are `<level>/<index>` and `entries/<index>`, with `.p/<width>` for one that is not full.',
  })
  @ProblemAnswers([['not_found', 'The newest checkpoint does not cover this tile'], ...REFUSALS, UNAVAILABLE])
  async tile(@Param('path') path: string | readonly string[]): Promise<StreamableFile> {
    const tile = parseTilePath(typeof path === 'string' ? path : path.join('/'));
    if (!tile) throw new RequestError('not_found', 'This is not the path of a tile');
    return new StreamableFile(await this.reader.readTile(tile), { type: 'application/octet-stream' });
  }
}
