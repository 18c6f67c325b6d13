import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Plants faults in a Verbatim under test. It is loaded by `--import`. At SIGUSR2 it makes the boundaries named in a
 * file throw, each once. No handler's own boundary catches the faults `uncaught` and `unhandled`.
 */
const { PLANT_FAULTS_FILE: file, PLANT_FAULTS_BOUNDARY: boundary } = process.env;

if (file && boundary && process.argv[2] === 'start') {
  const { Boundary } = await import(boundary);
  const armed = new Set();
  Boundary.prototype.enter = function enterPlanted() {
    if (armed.delete(this.where)) throw new Error(`planted at ${this.where}`);
  };
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
