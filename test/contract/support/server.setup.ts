import type { TestProject } from 'vitest/node';
import { provideServer } from './server.js';

const setup = (project: TestProject): Promise<() => Promise<void>> =>
  provideServer(project, ['--projections']);

export default setup;
