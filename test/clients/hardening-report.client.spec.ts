import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '#tools/hardening/report/write-report.js';
import { Chromium } from '#test/support/chromium.js';
import type { Look } from '#test/support/chromium.js';
import { hardeningReport } from '#test/support/hardening/hardening-report.js';

const PHONE = { width: 360, height: 740 };
const LAPTOP = { width: 1440, height: 900 };

let dir: string;
let url: string;
let browser: Chromium;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'verbatim-test-report-'));
  await writeReport(hardeningReport(), dir);
  url = pathToFileURL(join(dir, 'report.html')).href;
  browser = await Chromium.start();
});
afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true, force: true });
});

/**
 * Measures, for each text that is shown, its contrast with its background (WCAG's ratio, 4.5 is good), lowest first.
 */
const CONTRASTS = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
  };
  const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => !['title', 'desc', 'style'].includes(element.tagName))
    .map((element) => {
      const style = getComputedStyle(element);
      const colour = element instanceof SVGElement ? style.fill : style.color;
      return { text: element.textContent.slice(0, 40), ratio: ratio(light(parse(colour)), light(behind(element))) };
    })
    .sort((one, other) => one.ratio - other.ratio);
})()`;

const looks = [PHONE, LAPTOP].flatMap((size) =>
  (['light', 'dark'] as const).map((scheme): Look => ({ ...size, scheme })),
);

describe.each(looks)('report.html in Chromium, $width px wide, $scheme', (look) => {
  beforeAll(() => browser.open(url, look));

  it('is never wider than the window', async () => {
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width);
  });

  it('shows every text with enough contrast', async () => {
    const contrasts = await browser.evaluate<{ text: string; ratio: number }[]>(CONTRASTS);
    expect(contrasts.length).toBeGreaterThan(200);
    expect(contrasts[0]!.ratio, contrasts[0]!.text).toBeGreaterThan(4.5);
  });

  it('shows each plot once, with letters of 10 px or more', async () => {
    const scales = await browser.evaluate<number[]>(
      `[...document.querySelectorAll('svg')].filter((svg) => svg.checkVisibility()).map((svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)`,
    );
    expect(scales).toHaveLength(hardeningReport().phases.flatMap(({ plots = [] }) => plots).length);
    expect(Math.min(...scales) * 11).toBeGreaterThan(10);
  });

  it('is a table with headers to a screen reader', async () => {
    const { nodes } = await browser.ask<{ nodes: { role?: { value: string }; name?: { value: string } }[] }>(
      'Accessibility.getFullAXTree',
    );
    const named = (role: string): (string | undefined)[] =>
      nodes.filter((node) => node.role?.value === role).map(({ name }) => name?.value);
    expect(named('table')).toContain('Targets: High load');
    expect(named('columnheader')).toEqual(expect.arrayContaining(['what', 'measured', 'target', 'verdict']));
    expect(named('rowheader')).toContain('Dropped connections');
    expect(named('image').filter((name) => name === 'CPU')).toHaveLength(1);
  });
});

describe('report.html in Chromium', () => {
  it('requests only its own address, and breaks no rule of its policy', () => {
    expect(new Set(browser.requested)).toEqual(new Set([url]));
    expect(browser.complaints).toEqual([]);
  });
});
