/** Loaded into a server before its own code: blocks its event loop again and again. */
const PAUSE_MS = 400;

setInterval(() => {
  const until = performance.now() + PAUSE_MS;
  while (performance.now() < until);
}, 5_000).unref();
