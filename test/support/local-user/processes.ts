import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** The state of a listening socket in net/tcp of proc(5). */
const LISTEN = '0A';

/** Returns the TCP ports on which a process of ours listens on 127.0.0.1. Linux only. */
export const portsOf = (pid: number): number[] => {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]];
    } catch {
      return []; // was closed meanwhile
    }
  });
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && sockets.includes(fields[9]))
    .map((fields) => Number.parseInt(fields[1]!.split(':')[1]!, 16));
};

/** Returns the process whose command line contains these words. @throws Error if there is none */
export const pidWith = (pids: readonly number[], words: string): number => {
  const found = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(words));
  if (found === undefined) throw new Error(`No process with ${words}`);
  return found;
};
