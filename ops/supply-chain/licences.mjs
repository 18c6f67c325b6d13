// Lists every package of a lock file by its licence, and fails when a licence is not allowed by
// licences.json. `saidElsewhere` there lists packages whose licence is only in one of their files.
import { readFileSync } from 'node:fs';

const [lock = 'package-lock.json'] = process.argv.slice(2);
const { allowed, saidElsewhere } = JSON.parse(
  readFileSync(new URL('licences.json', import.meta.url), 'utf8'),
);
const { packages } = JSON.parse(readFileSync(lock, 'utf8'));

// Returns whether an SPDX expression is allowed: with OR, one of its licences must be; with AND, all of them.
const isAllowed = (licence) =>
  licence
    .replaceAll(/[()]/g, '')
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((each) => allowed.includes(each.trim())));

const byLicence = new Map();
for (const [path, { license, version }] of Object.entries(packages)) {
  if (path === '') continue;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const licence = license ?? saidElsewhere[name] ?? 'none';
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name}@${version}`]);
}
for (const [licence, names] of [...byLicence].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  console.log(`${licence}\n  ${names.toSorted().join('\n  ')}`);
const wrong = [...byLicence].filter(([licence]) => !isAllowed(licence));
for (const [licence, names] of wrong) console.error(`Not allowed: ${licence} (${names.join(', ')})`);
process.exitCode = wrong.length > 0 ? 1 : 0;
