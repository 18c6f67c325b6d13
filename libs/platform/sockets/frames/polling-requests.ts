import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Boundary } from '../../faults/boundary.js';
import type { EnginePacket, EngineTransport } from '../engine-connection.js';
import { PayloadReader } from './payload-reader.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

/** The most bytes that are read and dropped after the allowed part of a payload. Beyond that the connection is cut. */
const DROPPED_BYTES = 16 * 1024 * 1024;

/** Milliseconds that the rest of a payload may take to arrive after its session is over. Its sender may be gone. */
const DROPPING_MS = 5_000;

/** Decides what happens to the packets of a payload. */
export interface PayloadJudge {
  /** Whether somebody was let in, even if that client has been sent away since. */
  readonly wasLetIn: boolean;
  /** Whether the connection accepts nothing any more. */
  readonly isOver: boolean;
  /** The most bytes of a packet and of a whole payload, and the most packets. */
  readonly most: Readonly<{ packet: number; payload: number; packets: number }>;
  /** Calls back when the connection may be read. @returns false if that will never happen */
  callWhenReadable(call: () => void): boolean;
  /** Ends the connection, because a payload was larger than allowed. */
  end(): void;
}

/**
 * Makes the polling transport hand on each packet of a payload as it arrives, and no faster than the connection is
 * read, instead of gathering the whole payload first. Clients put as many packets into one payload as they have.
 */
export const readAsItComes = (polling: EngineTransport, judge: PayloadJudge, boundary: Boundary): void => {
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    if (polling.dataReq) {
      polling.onError('data request overlap from client');
      response.writeHead(400).end();
    } else if (request.headers['content-type'] === 'application/octet-stream') {
      polling.onError('invalid content');
      response.writeHead(415).end();
    } else new Reading(polling, request, response, judge, boundary).begin();
  };
  polling.onDataRequest = boundary.guard(take, () => judge.end());
};

/** Reads the payload of one request. */
class Reading {
  private readonly payload: PayloadReader;
  private isOver = false;
  private isWaiting = false;
  private hasCome = false;

  constructor(
    private readonly polling: EngineTransport,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly judge: PayloadJudge,
    private readonly boundary: Boundary,
  ) {
    this.payload = new PayloadReader(judge.most.packet);
  }

  begin(): void {
    if (this.judge.isOver) {
      this.breakOffTaking();
      return;
    }
    const { polling, request, boundary } = this;
    polling.dataReq = { destroy: boundary.guard(() => this.breakOffTaking()) };
    polling.dataRes = this.response;
    const fail = (): void => this.judge.end();
    request.on(
      'data',
      boundary.guard((chunk: Buffer) => this.take(chunk), fail),
    );
    request.once(
      'end',
      boundary.guard(() => this.takeLast(), fail),
    );
    request.once(
      'close',
      boundary.guard(() => this.hungUp(), fail),
    );
  }

  private take(chunk: Buffer): void {
    if (this.isOver) return;
    if (this.judge.isOver) return this.breakOffTaking();
    this.payload.push(chunk);
    if (this.payload.bytes > this.judge.most.payload) this.refuse();
    else if (!this.isWaiting) this.handOn();
  }

  private takeLast(): void {
    if (this.isOver) return;
    this.hasCome = true;
    this.payload.end();
    if (!this.isWaiting) this.handOn();
  }

  private handOn(): void {
    for (;;) {
      if (this.isOver) return;
      if (this.judge.isOver) return this.breakOffTaking();
      if (!this.isOpen()) return;
      const packet = this.payload.nextPacket();
      if (packet === undefined) break;
      if (this.payload.packets > this.judge.most.packets) return this.refuse();
      this.handPacket(packet);
    }
    if (this.hasCome) this.answer();
    else this.request.resume();
  }

  /** Returns whether the connection may be read now. If not, reading continues by itself when it may. */
  private isOpen(): boolean {
    let isNow = true;
    this.isWaiting = true;
    const goOn = (): void => {
      this.isWaiting = false;
      if (!isNow) this.handOn();
    };
    if (!this.judge.callWhenReadable(goOn)) this.refuse();
    if (!this.isWaiting) return true;
    isNow = false;
    this.request.pause();
    return false;
  }

  private handPacket(packet: string | Buffer): void {
    const decoded: EnginePacket =
      typeof packet === 'string'
        ? this.polling.parser.decodePacket(packet)
        : { type: 'message', data: packet };
    if (decoded.type === 'close') this.polling.onClose();
    else this.polling.onPacket(decoded);
  }

  private answer(): void {
    this.finish();
    const headers = { 'Content-Type': 'text/html', 'Content-Length': '2' };
    this.response.writeHead(200, this.polling.headers(this.request, headers)).end('ok');
  }

  private refuse(): void {
    this.finish();
    if (this.judge.wasLetIn) this.dropRest();
    else this.response.writeHead(413, { connection: 'close' }).end();
    this.judge.end();
  }

  /** Stops taking the payload because its session is over. */
  private breakOffTaking(): void {
    if (this.isOver) return;
    this.finish();
    const { request } = this;
    // A request that has come whole is answered: destroying it would leave its connection open, and waiting for the answer.
    if (!this.judge.wasLetIn && !this.hasCome && !request.complete) {
      request.destroy();
      return;
    }
    const late = this.boundary.guard(() => void request.destroy());
    request.once('close', this.boundary.guard(SYSTEM_CLOCK.after(DROPPING_MS, late, { unref: true })));
    this.dropRest();
  }

  /**
   * Reads the rest, drops it, and answers with 200. After a refused POST python-engineio never comes back, and the
   * JavaScript client comes back at once, before it has read why its session is over. The next poll tells both of them.
   */
  private dropRest(): void {
    const { request, response } = this;
    let left = DROPPED_BYTES;
    const drop = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left < 0) request.destroy();
    };
    const thank = (): void => {
      response.writeHead(200, { 'content-type': 'text/html', connection: 'close' }).end('ok');
    };
    const breakOff = (): void => void request.destroy();
    if (this.hasCome) return thank();
    request.on('data', this.boundary.guard(drop, breakOff)).once('end', this.boundary.guard(thank, breakOff));
    request.resume();
  }

  private hungUp(): void {
    // A request also closes once all of it has come, while its packets may still wait for their turn.
    if (this.isOver || this.hasCome) return;
    this.finish();
    this.polling.onError('data request connection closed prematurely');
  }

  private finish(): void {
    this.isOver = true;
    if (this.polling.dataRes !== this.response) return;
    this.polling.dataReq = null;
    this.polling.dataRes = null;
  }
}
