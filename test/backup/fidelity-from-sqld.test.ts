import { describeWithShared } from '../support/fixtures-fidelity';
import { fidelitySuite } from '../support/fixtures-suite';

describeWithShared('a database restored from a server, by an independent comparison', () => fidelitySuite('sqld'));
