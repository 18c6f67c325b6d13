import { Controller, Get, Header, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseTilePath } from '#libs/audit-log/tiles/tile-path.js';
import { RequestError } from '#libs/protocol/errors.js';
import { refuseQuery } from '../formats/refuse-query.js';
import { DescribesCheckpoint, DescribesKey, DescribesTile, DescribesWitnessed } from './log.openapi.js';
import { LogReader } from './log-reader.js';

const TEXT = 'text/plain; charset=utf-8';

/** Serves the audit log in the form of C2SP tlog-tiles. */
@ApiTags('audit')
@Controller('audit/log')
export class LogController {
  constructor(private readonly reader: LogReader) {}

  @Get('checkpoint')
  @Header('content-type', TEXT)
  @Header('cache-control', 'no-store')
  @DescribesCheckpoint()
  checkpoint(@Query() query: Record<string, unknown>): string {
    refuseQuery(query);
    return this.reader.newestCheckpoint();
  }

  @Get('checkpoint/witnessed')
  @Header('content-type', TEXT)
  @Header('cache-control', 'no-store')
  @DescribesWitnessed()
  witnessed(@Query() query: Record<string, unknown>): string {
    refuseQuery(query);
    return this.reader.witnessedCheckpoint();
  }

  @Get('key')
  @Header('content-type', TEXT)
  @DescribesKey()
  key(@Query() query: Record<string, unknown>): string {
    refuseQuery(query);
    return `${this.reader.publicKey()}\n`;
  }

  /** A tile never changes, so it may be kept for good. */
  @Get('tile/*path')
  @Header('cache-control', 'private, max-age=31536000, immutable')
  @DescribesTile()
  async tile(
    @Param('path') path: string | readonly string[],
    @Query() query: Record<string, unknown>,
  ): Promise<StreamableFile> {
    refuseQuery(query);
    const tile = parseTilePath(typeof path === 'string' ? path : path.join('/'));
    if (!tile) throw new RequestError('not_found', 'This is not the path of a tile');
    return new StreamableFile(await this.reader.readTile(tile), { type: 'application/octet-stream' });
  }
}
