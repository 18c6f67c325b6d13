import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { Chromium } from '#test/support/chromium.js';

let verbatim: Verbatim;
let browser: Chromium;

beforeAll(async () => {
  verbatim = await startVerbatim();
  browser = await Chromium.start();
});
afterAll(async () => {
  await browser?.close();
  await verbatim?.remove();
});

describe('the page at /docs', () => {
  it('works in a browser under its content security policy and loads everything from this server', async () => {
    await browser.open(`${verbatim.url}/docs`, { width: 1440, height: 900, scheme: 'light' });
    const shown = () => browser.evaluate<number>(`document.querySelectorAll('.opblock').length`);
    await waitFor('the routes', async () => (await shown()) > 20);
    // Opens a route and tries it out by hand, so that an answer is shown.
    await browser.evaluate(`document.querySelector('[id$="live"] .opblock-summary-control').click()`);
    const click = (button: string) =>
      waitFor(button, () =>
        browser.evaluate<boolean>(
          `(() => { const it = document.querySelector('${button}'); it?.click(); return !!it; })()`,
        ),
      );
    await click('.try-out__btn');
    await click('.execute');
    const answered = () =>
      browser.evaluate<string>(`document.querySelector('.live-responses-table')?.innerText ?? ''`);
    await waitFor('the answer', async () => (await answered()).includes('"live": true'));
    expect(browser.complaints).toEqual([]);
    expect(
      browser.requested.filter((url) => !/^data:|^blob:/.test(url) && !url.startsWith(verbatim.url)),
    ).toEqual([]);
  });
});
