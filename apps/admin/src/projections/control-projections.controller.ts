import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { name, object, text, booleanValue } from '#libs/protocol/schemas/schema.js';
import { RebuildRequest } from '#libs/protocol/requests/projection.requests.js';
import { NamePipe, OptionalRequestPipe } from '#libs/platform/http/request.pipe.js';
import type { Checked } from '#libs/platform/http/request.pipe.js';
import { Problems } from '../openapi/answers.js';
import { ProjectionControls } from './projection-controls.js';
import type { ProjectionAction } from './projection-controls.js';

type Accepted = Readonly<{ name: string; accepted: ProjectionAction }>;

const ACCEPTED = object({ name, accepted: text() });

const NameInPath = (): MethodDecorator =>
  ApiParam({ name: 'name', schema: { ...name, example: 'messages' } });
const AcceptedAnswer = (accepted: ProjectionAction): MethodDecorator =>
  JsonAnswer(
    202,
    'The process that runs the projection will do it within a second; `GET /projections` shows the progress.',
    ACCEPTED,
    { name: 'messages', accepted },
  );
const ControlProblems = (): MethodDecorator =>
  Problems(
    ['not_found', 'There is no projection named "messages"'],
    ['store_unavailable', 'The event store is not reachable, try again'],
  );

/** Lets admins control projections. */
@ApiTags('projections')
@Controller('projections/:name')
export class ControlProjectionsController {
  constructor(private readonly controls: ProjectionControls) {}

  @Post('rebuild')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Rebuild a read model from the log while it keeps serving',
    description:
      'The new rows are compared with the old ones. If they differ, the old rows stay in place and the differences are listed, unless `acceptDifferences` is true.',
  })
  @NameInPath()
  @JsonBody(object({}, { acceptDifferences: booleanValue }), { acceptDifferences: false }, false)
  @AcceptedAnswer('rebuild')
  @ControlProblems()
  async rebuild(
    @CurrentCaller() caller: Caller,
    @Param('name', NamePipe) projection: string,
    @Body(new OptionalRequestPipe(RebuildRequest)) { acceptDifferences }: Checked<RebuildRequest>,
  ): Promise<Accepted> {
    return this.ask(projection, acceptDifferences === true ? 'accept' : 'rebuild', caller);
  }

  @Post('recount')
  @HttpCode(202)
  @ApiOperation({ summary: 'Compare a read model with the log, slowly, without changing it' })
  @NameInPath()
  @AcceptedAnswer('recount')
  @ControlProblems()
  async recount(
    @Param('name', NamePipe) projection: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return this.ask(projection, 'recount', caller);
  }

  @Post('revert')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Go back at once to the generation before the last rebuild, which then catches up',
  })
  @NameInPath()
  @AcceptedAnswer('revert')
  @ControlProblems()
  async revert(
    @Param('name', NamePipe) projection: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return this.ask(projection, 'revert', caller);
  }

  @Post('pause')
  @HttpCode(202)
  @ApiOperation({ summary: 'Pause a read model until it is resumed; it keeps serving' })
  @NameInPath()
  @AcceptedAnswer('pause')
  @ControlProblems()
  async pause(
    @Param('name', NamePipe) projection: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return this.ask(projection, 'pause', caller);
  }

  @Post('resume')
  @HttpCode(202)
  @ApiOperation({ summary: 'Continue after a pause, or retry the event at which a projection has stopped' })
  @NameInPath()
  @AcceptedAnswer('resume')
  @ControlProblems()
  async resume(
    @Param('name', NamePipe) projection: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return this.ask(projection, 'resume', caller);
  }

  private async ask(projection: string, action: ProjectionAction, { keyId }: Caller): Promise<Accepted> {
    await this.controls.requestAction(projection, action, keyId);
    return { name: projection, accepted: action };
  }
}
