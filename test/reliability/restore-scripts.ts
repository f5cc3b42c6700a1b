import { hostileScript } from '../support/hostile-script';
import { tryRestores } from '../support/restore-cases';

await tryRestores((random) => ({ name: 'x.sql', bytes: hostileScript(random) }));
