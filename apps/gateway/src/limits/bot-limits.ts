import { Inject, Injectable, Optional } from '@nestjs/common';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { Allowances } from '#libs/platform/limits/allowances.js';
import type { Allowance } from '#libs/platform/limits/allowances.js';
import { whenClosed } from '#libs/platform/http/when-closed.js';
import type { Closing } from '#libs/platform/http/when-closed.js';
import type { Sender } from '#libs/platform/sockets/sender.js';
import { RequestError } from '#libs/protocol/errors.js';
import { LIMITS } from '#libs/protocol/limits.js';
import type { ToldLimits } from '#libs/protocol/limits.js';
import { answerCost, requestCost } from './request-costs.js';
import type { NoticeCode } from '../socket/wire-events.js';

/** The parts of a bot's connection that its limits use. */
type Limited = Readonly<{ bot: string; dismiss(code: NoticeCode, message: string): void }>;

/** How many requests are read for each one that the rate allows. The others are refused, which is work as well. */
const TAKEN_IN = 2;

/**
 * How many requests of one bot over HTTP may be in progress, until their answers have been read. At about 200 requests
 * a second this is enough for answers that take a third of a second.
 */
const OVER_HTTP = 64;
const RETRY_MS = 100;

/** Holds each bot to its rate, over all its connections to this gateway and over HTTP together. */
@Injectable()
export class BotLimits {
  /** The limits that a bot is told when it connects. */
  readonly told: ToldLimits;
  private readonly requests: Allowances;
  private readonly intake: Allowances;
  /** How many requests over HTTP each bot has in progress. */
  private readonly overHttp = new Map<string, number>();

  constructor(
    @Inject(SETTINGS) settings: Pick<Settings, 'rate' | 'consumers'>,
    @Optional() now?: () => number,
  ) {
    const { perSecond: rate, burst } = settings.rate;
    const { consumers } = settings;
    const limits = { rate, burst };
    this.told = { ...LIMITS, requestsPerSecond: rate, requestsAtOnce: burst, consumers };
    this.requests = new Allowances(limits, now);
    this.intake = new Allowances({ rate: TAKEN_IN * rate, burst: TAKEN_IN * burst }, now);
  }

  /**
   * Takes the cost of a request from the bot's rate.
   *
   * @throws RequestError `rate_limited` with the time after which one more request fits
   */
  admit(bot: string, cost = 1): void {
    const refusal = this.refusalOf(bot, this.requests.allowanceOf(bot), cost);
    if (refusal) throw refusal;
  }

  /**
   * Begins a request over HTTP. It is in progress until its answer has been sent.
   *
   * @throws RequestError `rate_limited`
   */
  beginRequest(bot: string, response: Closing): void {
    this.admit(bot);
    const before = this.overHttp.get(bot) ?? 0;
    if (before >= OVER_HTTP) {
      const message = `Bot "${bot}" has ${OVER_HTTP} requests under way over HTTP`;
      throw new RequestError('rate_limited', message, RETRY_MS);
    }
    this.overHttp.set(bot, before + 1);
    whenClosed(response, () => this.endRequest(bot));
  }

  /**
   * Does the same as {@link beginRequest} for a request that may repeat an accepted one. Returns the refusal instead of
   * throwing it, as long as the bot stays within what is read from it.
   *
   * @throws RequestError `rate_limited` beyond that
   */
  enterOrRefuse(bot: string, response: Parameters<BotLimits['beginRequest']>[1]): RequestError | undefined {
    try {
      this.beginRequest(bot, response);
      return undefined;
    } catch (error) {
      if (!(error instanceof RequestError) || this.intake.allowanceOf(bot).takeTokens(1) > 0) throw error;
      return error;
    }
  }

  /** Charges what a request has cost beyond its own size. The requests that follow pay for it. */
  charge(bot: string, cost: number): void {
    this.requests.allowanceOf(bot).charge(cost);
  }

  /**
   * Checks that the bot owes nothing for earlier answers.
   *
   * @throws RequestError `rate_limited` while it does
   */
  requireSolvent(bot: string): void {
    const retryAfterMs = this.requests.allowanceOf(bot).untilSolvent();
    if (retryAfterMs === 0) return;
    throw new RequestError('rate_limited', `Bot "${bot}" reads more than its rate allows`, retryAfterMs);
  }

  /** Charges for an answer of this many bytes. */
  chargeAnswer(bot: string, bytes: number): void {
    this.charge(bot, answerCost(bytes));
  }

  senderFor(session: Limited): Sender {
    const { bot } = session;
    const requests = this.requests.allowanceOf(bot);
    return {
      allowance: this.intake.allowanceOf(bot),
      refusalOf: (event, bytes) => this.refusalOf(bot, requests, requestCost(event, bytes)),
      dismiss: () =>
        session.dismiss('rate_limited', 'This bot goes on sending beyond its rate; connect again later'),
    };
  }

  private endRequest(bot: string): void {
    const left = (this.overHttp.get(bot) ?? 1) - 1;
    if (left > 0) this.overHttp.set(bot, left);
    else this.overHttp.delete(bot);
  }

  private refusalOf(bot: string, requests: Allowance, cost: number): RequestError | undefined {
    const retryAfterMs = requests.takeTokens(cost);
    if (retryAfterMs === 0) return undefined;
    const message = `Bot "${bot}" sends more than ${this.told.requestsPerSecond} requests a second`;
    return new RequestError('rate_limited', message, retryAfterMs);
  }
}
