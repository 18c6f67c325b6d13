import type { TestProject } from 'vitest/node';
import { provideServer } from './server.js';

/** The recorded servers ran without projections: their links would be counted between checkpoints. */
const setup = (project: TestProject): Promise<() => Promise<void>> => provideServer(project, []);

export default setup;
