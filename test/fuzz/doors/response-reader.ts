export type Response = Readonly<{ status: number; head: number; body: Buffer }>;

/** Cuts the bytes of a connection into responses (RFC 9112), in the order of their requests. */
export class ResponseReader {
  private rest = Buffer.alloc(0);

  private count = 0;

  /** @param methods of the requests, in order: the response to a HEAD has no body */
  constructor(private readonly methods: readonly string[]) {}

  /** @returns the responses that are now complete */
  add(piece: Buffer): Response[] {
    this.rest = Buffer.concat([this.rest, piece]);
    const found: Response[] = [];
    for (;;) {
      const next = this.next();
      if (!next) return found;
      // 100 Continue and the like are not final responses.
      if (next.status < 200) continue;
      this.count += 1;
      found.push(next);
    }
  }

  private next(): Response | undefined {
    const head = this.rest.indexOf('\r\n\r\n');
    if (head === -1) return undefined;
    const text = this.rest.toString('latin1', 0, head).toLowerCase();
    const status = Number(/^http\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
    const start = head + 4;
    const isEmpty = status < 200 || status === 204 || status === 304 || this.methods[this.count] === 'HEAD';
    const ended = isEmpty ? { body: Buffer.alloc(0), end: start } : this.body(text, start);
    if (!ended) return undefined;
    this.rest = this.rest.subarray(ended.end);
    return { status, head: start, body: ended.body };
  }

  private body(head: string, start: number): { body: Buffer; end: number } | undefined {
    const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
    if (length !== undefined) {
      const end = start + Number(length);
      return end <= this.rest.length ? { body: this.rest.subarray(start, end), end } : undefined;
    }
    if (!head.includes('transfer-encoding: chunked'))
      return { body: this.rest.subarray(start), end: this.rest.length };
    const pieces: Buffer[] = [];
    for (let at = start; ;) {
      const line = this.rest.indexOf('\r\n', at);
      if (line === -1) return undefined;
      const size = Number.parseInt(this.rest.toString('latin1', at, line), 16);
      const end = line + 2 + size + 2;
      if (!(end <= this.rest.length)) return undefined;
      if (size === 0) return { body: Buffer.concat(pieces), end };
      pieces.push(this.rest.subarray(line + 2, line + 2 + size));
      at = end;
    }
  }
}
