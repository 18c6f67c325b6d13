import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { EventFinder } from '../event-index/event-finder.js';
import { refOf } from '../event-index/event-ref.js';
import { ndjsonLine } from '../formats/ndjson.js';
import { refuseQuery } from '../formats/refuse-query.js';
import { explainEvent } from './explain-event.js';
import { findEvent } from './find-event.js';
import { DescribesWhy } from './why.openapi.js';

/** Says why an event is in the log, and what it led to. */
@ApiTags('audit')
@Controller('audit/why')
export class WhyController {
  constructor(private readonly finder: EventFinder) {}

  /** The event is shown as it is stored, character for character, so the answer is put together as text. */
  @Get(':id')
  @Header('content-type', 'application/json; charset=utf-8')
  @Header('cache-control', 'no-store')
  @DescribesWhy()
  async why(@Param('id') id: string, @Query() query: Record<string, unknown>): Promise<string> {
    refuseQuery(query);
    const { found, sameId } = await findEvent(this.finder, id);
    const explained = {
      ...(await explainEvent(this.finder, found)),
      ...(sameId.length > 0 && { sameId: sameId.map(({ stored }) => refOf(stored)) }),
    };
    return `{"event":${ndjsonLine(found.stored).trimEnd()},${JSON.stringify(explained).slice(1)}`;
  }
}
