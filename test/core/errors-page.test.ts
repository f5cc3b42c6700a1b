import { expect, it } from 'vitest';
import { errorsPage } from '../support/generated-docs';

it('docs/errors.md is equal to the code', async () => {
	await expect(errorsPage()).toMatchFileSnapshot('../../docs/errors.md');
});
