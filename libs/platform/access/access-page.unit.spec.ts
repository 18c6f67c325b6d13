import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ACCESS_MATRIX } from './access-matrix.js';
import { accessPage } from './access-page.js';

it('docs/access.md shows the table as it is', async () => {
  await expect(accessPage(ACCESS_MATRIX)).toMatchFileSnapshot(join(process.cwd(), 'docs/access.md'));
});
