import { hostileBackup } from '../support/hostile-backup';
import { tryRestores } from '../support/restore-cases';

await tryRestores((random) => ({ name: 'x.ndjson.gz', bytes: hostileBackup(random) }));
