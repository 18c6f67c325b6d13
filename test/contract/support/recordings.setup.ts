import type { TestProject } from 'vitest/node';
import { provideServer } from './server.js';

/** Starts the server without projections, like the recorded ones. Their links would count between checkpoints. */
const setup = (project: TestProject): Promise<() => Promise<void>> => provideServer(project, []);

export default setup;
