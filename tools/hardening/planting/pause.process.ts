/** Loaded into a server ahead of it: it holds its event loop still. */
const PAUSE_MS = 400;

setInterval(() => {
  const until = performance.now() + PAUSE_MS;
  while (performance.now() < until);
}, 5_000).unref();
