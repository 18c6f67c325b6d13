import { Buffer } from 'node:buffer';

/** Loaded into a server ahead of it: it never gives back what it takes. */
const kept: Buffer[] = [];
setInterval(() => kept.push(Buffer.alloc(1_000_000, kept.length)), 100).unref();
