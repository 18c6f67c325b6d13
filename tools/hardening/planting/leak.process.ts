import { Buffer } from 'node:buffer';

/** Loaded into a server before its own code: keeps more and more memory. */
const kept: Buffer[] = [];
setInterval(() => kept.push(Buffer.alloc(1_000_000, kept.length)), 100).unref();
