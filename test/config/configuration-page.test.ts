import { expect, it } from 'vitest';
import { configurationPage } from '../support/generated-docs';

it('docs/configuration.md is equal to the schema', async () => {
	await expect(configurationPage()).toMatchFileSnapshot('../../docs/configuration.md');
});
