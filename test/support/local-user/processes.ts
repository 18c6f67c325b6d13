import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** State of a listening socket in proc(5)'s net/tcp. */
const LISTEN = '0A';

/** TCP ports on which a process of ours listens on 127.0.0.1. Linux only. */
export const portsOf = (pid: number): number[] => {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]];
    } catch {
      return []; // closed meanwhile
    }
  });
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && sockets.includes(fields[9]))
    .map((fields) => Number.parseInt(fields[1]!.split(':')[1]!, 16));
};

/** The one whose command line has these words in it. @throws Error if there is none */
export const pidWith = (pids: readonly number[], words: string): number => {
  const found = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(words));
  if (found === undefined) throw new Error(`No process with ${words}`);
  return found;
};
