import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Loaded into a Verbatim under test by `--import`: at SIGUSR2 it has the boundaries named in a file throw, each once.
 * `uncaught` and `unhandled` are faults that no handler's own boundary keeps.
 */
const { PLANT_FAULTS_FILE: file, PLANT_FAULTS_BOUNDARY: boundary } = process.env;

if (file && boundary && process.argv[2] === 'start') {
  const { plantFaults } = await import(boundary);
  const armed = new Set();
  plantFaults((where) => {
    if (armed.delete(where)) throw new Error(`planted at ${where}`);
  });
  process.on('SIGUSR2', () => {
    armed.clear();
    for (const where of JSON.parse(readFileSync(file, 'utf8'))) armed.add(where);
    if (armed.delete('uncaught'))
      setImmediate(() => {
        throw new Error('planted at uncaught');
      });
    if (armed.delete('unhandled')) void Promise.reject(new Error('planted at unhandled'));
    writeFileSync(`${file}.armed`, '');
  });
}
