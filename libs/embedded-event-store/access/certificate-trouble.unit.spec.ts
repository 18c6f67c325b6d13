import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate, type Certificate } from './certificate.js';
import { certificateTrouble } from './certificate-trouble.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-11-29T12:00:00Z');

/** Makes a certificate for localhost that is valid between two days, counted from now. */
const lasting = async (from: number, to: number): Promise<Certificate> => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    notBeforeDate: new Date(NOW.getTime() + from * DAY_MS),
    notAfterDate: new Date(NOW.getTime() + to * DAY_MS),
  });
  return { certificate: made.cert, key: made.private };
};

let ours: Certificate;
beforeAll(async () => {
  ours = await makeCertificate('store.example');
});

describe('a certificate that the node makes', () => {
  it.each(['localhost', '127.0.0.1', '::1', 'store.example'])('is for %s', (name) => {
    expect(certificateTrouble(ours, name, NOW)).toBeUndefined();
  });

  it.each(['1970-01-01T00:00:00Z', '2026-11-29T12:00:00Z', '2038-01-20T00:00:00Z', '9000-01-01T00:00:00Z'])(
    'is good whatever the clock says: %s',
    (at) => {
      expect(certificateTrouble(ours, 'localhost', new Date(at))).toBeUndefined();
    },
  );

  it('has a key of its own each time', async () => {
    expect((await makeCertificate('127.0.0.1')).key).not.toBe(ours.key);
  });
});

describe('a certificate is no good', () => {
  it('for another name', () => {
    expect(certificateTrouble(ours, 'other.example', NOW)).toBe('the certificate is not for other.example');
  });

  it('with the key of another', async () => {
    const { key } = await makeCertificate('127.0.0.1');
    expect(certificateTrouble({ ...ours, key }, 'localhost', NOW)).toMatch(/not the one/);
  });

  it.each([
    [-10, 89, 'the certificate expires'],
    [-10, -1, 'the certificate expires'],
    [1, 400, 'the certificate is not valid yet'],
    [-10, 91, undefined],
  ])(
    'before its time, or so near its end that a long run could see it: day %i to %i',
    async (from, to, why) => {
      expect(certificateTrouble(await lasting(from, to), 'localhost', NOW)).toBe(why);
    },
  );

  it('when bytes of it or of its key are gone or changed', () => {
    const { certificate, key } = ours;
    for (const damaged of ['', 'x', certificate.slice(0, 200), certificate.replace('MI', 'XX'), key])
      expect(certificateTrouble({ key, certificate: damaged }, 'localhost', NOW)).toMatch(/damaged/);
    for (const damaged of ['', 'x', key.slice(0, 80), certificate])
      expect(certificateTrouble({ certificate, key: damaged }, 'localhost', NOW)).toMatch(/damaged/);
  });
});
