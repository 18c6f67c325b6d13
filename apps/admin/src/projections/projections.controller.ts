import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { projectionItemSchema } from '#libs/protocol/schemas/read-models.schema.js';
import { list, object } from '#libs/protocol/schemas/schema.js';
import { Problems, ReadAnswer, WaitsForPosition } from '../openapi/answers.js';
import { ItemQuery, minPositionOf, questionOf } from '../query/list.query.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { ReadModels } from '../read-models/read-models.js';
import { Reflecting } from '../read-models/read-models.js';
import { ReflectingInterceptor } from '../read-models/reflecting.interceptor.js';
import { asOf, listProjections } from './list-projections.query.js';
import type { ProjectionItem } from './list-projections.query.js';

const EXAMPLE = {
  items: [
    {
      name: 'messages',
      version: 2,
      generation: 1,
      position: '182734',
      lagMs: 12,
      status: 'live',
      seenAt: '2026-11-23T18:30:00.000Z',
      compared: { at: '2026-11-23T18:00:00.000Z', differences: [] },
      rebuild: { generation: 2, stage: 'building', position: '90112' },
    },
  ],
};

/** Shows the state of the read models, for admins. */
@ApiTags('projections')
@UseInterceptors(ReflectingInterceptor)
@Controller('projections')
export class ProjectionQueriesController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({ summary: 'List projections: how far each is, and what stopped it' })
  @WaitsForPosition()
  @ReadAnswer('All projections.', object({ items: list(projectionItemSchema) }), EXAMPLE)
  @Problems()
  async list(
    @Query() raw: Record<string, unknown>,
  ): Promise<Reflecting<Readonly<{ items: readonly ProjectionItem[] }>>> {
    const query = parseQuery(ItemQuery, raw);
    const { answer, freshness, ageMs } = await this.readModels.answer({
      text: questionOf('projections', {}),
      from: 'all',
      minPosition: minPositionOf(query),
      ask: (source) => listProjections(source, Date.now()),
    });
    const now = Date.now();
    return new Reflecting({ items: answer.items.map((item) => asOf(item, now)) }, freshness, ageMs);
  }
}
