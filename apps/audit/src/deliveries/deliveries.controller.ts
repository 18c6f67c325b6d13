import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeliveryEvidence, type Deliveries } from './deliveries.js';
import { DescribesDeliveries } from './deliveries.openapi.js';
import { readDeliveriesRequest } from './deliveries.request.js';

/** Says to whom a message was due, and who has confirmed it. */
@ApiTags('audit')
@Controller('audit/deliveries')
export class DeliveriesController {
  constructor(private readonly evidence: DeliveryEvidence) {}

  @Get()
  @Header('cache-control', 'no-store')
  @DescribesDeliveries()
  async deliveries(@Query() query: Record<string, unknown>): Promise<Deliveries> {
    return this.evidence.deliveriesOf(readDeliveriesRequest(query));
  }
}
