/**
 * `npm run sbom`: what an installation without development packages contains, as CycloneDX.
 *
 * npm's own `--omit dev` leaves out every package that a development package needs as well, among them Socket.IO.
 * So npm lists all packages, and those that it marks as development packages are left out here.
 */
import { execFileSync } from 'node:child_process';

const listed = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
const bom = JSON.parse(listed);

const isForDevelopment = ({ properties = [] }) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
const gone = new Set(bom.components.filter(isForDevelopment).map((component) => component['bom-ref']));

const components = bom.components.filter((component) => !gone.has(component['bom-ref']));
const dependencies = bom.dependencies
  .filter(({ ref }) => !gone.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((name) => !gone.has(name)) }));
process.stdout.write(`${JSON.stringify({ ...bom, components, dependencies }, undefined, 2)}\n`);
