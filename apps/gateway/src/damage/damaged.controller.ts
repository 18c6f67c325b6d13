import { Body, Controller, Get, Header, Post, Query, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ActTrail } from '#libs/access-trail/act-trail.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { CommandProblems, ProblemAnswers } from '#libs/platform/openapi/problems.js';
import { RequestError } from '#libs/protocol/errors.js';
import { SetEventAsideRequest } from '#libs/protocol/requests/admin.requests.js';
import { count, instant, list, object, oneWordOf, position, text } from '#libs/protocol/schemas/schema.js';
import { RequestPipe } from '#libs/platform/http/request.pipe.js';
import type { Checked } from '#libs/platform/http/request.pipe.js';
import { actorOf } from '#libs/directory/actor-of.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import { DamagedEvents, MAX_DAMAGED } from './damaged-events.js';
import type { DamagedItem } from './damaged-events.js';

const damagedSchema = object(
  { stream: text(), revision: count, status: oneWordOf('damaged', 'set_aside') },
  { type: text(), why: text(), position, reason: text(), setAsideBy: text(), setAsideAt: instant },
);

const ASKED = { stream: 'messages-ops', revision: 41, reason: 'appended by a script, not by a bot' };
const MET = { type: 'MessagePosted', why: 'field "id" is missing', position: '77' };
const DECIDED: DamagedItem = {
  ...ASKED,
  ...MET,
  status: 'set_aside',
  setAsideBy: 'abcd2345',
  setAsideAt: '2026-11-23T18:30:00.000Z',
};
const UNDECIDED: DamagedItem = { stream: 'bot-eve', revision: 2, status: 'damaged', ...MET, position: '99' };

/**
 * The longest stream name, in characters, in the subject of an act on record. Anybody may have named a stream, so its
 * name can be long.
 */
const SUBJECT_LENGTH = 256;

/** Lists the events that cannot be decoded, and takes the decisions of admins about them. */
@ApiTags('damaged')
@Controller('damaged')
export class DamagedController {
  constructor(
    private readonly commands: CommandBus,
    private readonly damaged: DamagedEvents,
    private readonly acts: ActTrail,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'List the events that nobody understands',
    description: `Events still to be decided come first, as far as this server has met them since it started. Then come all events that were set aside, the newest first. At most ${MAX_DAMAGED}.`,
  })
  @JsonAnswer(200, 'The events.', object({ items: list(damagedSchema, MAX_DAMAGED) }), {
    items: [UNDECIDED, DECIDED],
  })
  @ProblemAnswers([
    ['invalid_payload', 'Unknown field "colour"'],
    ['unauthenticated', 'A valid key is needed'],
    ['forbidden', 'This is not for auditor keys'],
    ['store_unavailable', 'The event store is not reachable, try again'],
  ])
  list(@Query() raw: Record<string, unknown>): Readonly<{ items: readonly DamagedItem[] }> {
    const [parameter] = Object.keys(raw);
    if (parameter !== undefined)
      throw new RequestError('invalid_payload', `Unknown field "${parameter.slice(0, 64)}"`);
    return { items: this.damaged.list() };
  }

  @Post()
  @ApiOperation({
    summary: 'Set an event aside that nobody understands: what it stopped goes on without it',
    description:
      'It stays in the log as it is, and keeps its place in its stream. Of two decisions about one event the first stands.',
  })
  @JsonBody(object({ stream: text(), revision: count, reason: text(500) }), ASKED)
  @JsonAnswer(201, 'It is set aside.', damagedSchema, DECIDED)
  @JsonAnswer(200, 'It was set aside before.', damagedSchema, DECIDED)
  @CommandProblems(
    ['not_found', 'There is no event 41 in that stream'],
    ['not_damaged', 'Event 41 of that stream can be read'],
  )
  async setAside(
    @Body(new RequestPipe(SetEventAsideRequest)) asked: Checked<SetEventAsideRequest>,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DamagedItem> {
    const { stream, revision, reason } = asked;
    const { keyId } = caller;
    const subject = `${stream.slice(0, SUBJECT_LENGTH)} ${revision}`;
    await this.acts.record({ act: 'event.set-aside', subject, keyId });
    const before = this.damaged.find(stream, revision);
    response.status(before ? 200 : 201);
    if (before) return before;
    await this.damaged.requireDamaged(stream, revision);
    const change = { type: 'SetEventAside', stream, revision, reason, keyId } as const;
    await this.commands.execute(new ChangeDirectoryCommand(change, actorOf(caller)));
    return this.damaged.find(stream, revision)!;
  }
}
