import { Controller, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { actorOf } from '#libs/directory/actor-of.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { refuseQuery } from '../formats/refuse-query.js';
import { KeyChanges, type DoneChange, type KeyHistory } from './key-changes.js';
import { DescribesHistory, DescribesReplacement, DescribesRotation } from './keys.openapi.js';

/** Shows and changes the keys that sign the audit log's checkpoints. */
@ApiTags('audit')
@Controller('audit/log')
export class KeysController {
  constructor(private readonly keys: KeyChanges) {}

  @Get('keys')
  @Header('cache-control', 'no-store')
  @DescribesHistory()
  history(@Query() query: Record<string, unknown>): KeyHistory {
    refuseQuery(query);
    return this.keys.history();
  }

  @Post('keys/rotate')
  @HttpCode(200)
  @DescribesRotation()
  rotate(@CurrentCaller() caller: Caller): Promise<DoneChange> {
    return this.keys.rotateKey(actorOf(caller));
  }

  @Post('keys/replace')
  @HttpCode(200)
  @DescribesReplacement()
  replace(@CurrentCaller() caller: Caller): Promise<DoneChange> {
    return this.keys.replaceKey(actorOf(caller));
  }
}
