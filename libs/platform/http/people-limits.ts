import { RequestError } from '#libs/protocol/errors.js';
import { whenClosed } from './when-closed.js';
import type { Closing } from './when-closed.js';
import { Allowances } from '../limits/allowances.js';
import type { BucketLimits } from '../limits/token-bucket.js';

/** Requests of one key that may be in progress at once, including streamed answers. */
const UNDER_WAY = 64;
const RETRY_MS = 500;

/** Limits each key of an admin or auditor over HTTP: to a rate, and to a number of requests in progress. */
export class PeopleLimits {
  private readonly requests: Allowances;
  /** Requests in progress by key id. */
  private readonly underWay = new Map<string, number>();

  constructor(
    private readonly limits: BucketLimits,
    now?: () => number,
  ) {
    this.requests = new Allowances(limits, now);
  }

  /** Begins a request, which is in progress until its answer is sent. @throws RequestError `rate_limited` */
  beginRequest(keyId: string, answer: Closing): void {
    const retryAfterMs = this.requests.allowanceOf(keyId).takeTokens(1);
    if (retryAfterMs > 0) {
      const message = `This key sends more than ${this.limits.rate} requests a second`;
      throw new RequestError('rate_limited', message, retryAfterMs);
    }
    const before = this.underWay.get(keyId) ?? 0;
    if (before >= UNDER_WAY)
      throw new RequestError('rate_limited', `This key has ${UNDER_WAY} requests under way`, RETRY_MS);
    this.underWay.set(keyId, before + 1);
    whenClosed(answer, () => this.endRequest(keyId));
  }

  private endRequest(keyId: string): void {
    const left = (this.underWay.get(keyId) ?? 1) - 1;
    if (left > 0) this.underWay.set(keyId, left);
    else this.underWay.delete(keyId);
  }
}
