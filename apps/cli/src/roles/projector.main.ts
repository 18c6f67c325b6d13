import { startRole } from './start-role.js';

await startRole('projector');
