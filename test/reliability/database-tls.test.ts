import { globalAgent } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../support/certificate';
import { execute, Fixtures } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import { casesOf, Tally } from '../support/tally';
import { type Direction, type Front, startTlsFront, startWire } from '../support/tls-front';
import { type Content, contentOf, type FaultCase, runCases, SOURCE, type Tried, tryBackup } from './database-cases';

const LIMIT_MS = casesOf(180_000, 1_200_000);

const fixtures = new Fixtures();
let sourceUrl: string;
let content: Content;
let certificate: Certificate;
let front: Front;
/** Bytes that pass in a backup that nothing is done to. */
const passed = { asked: 0, answered: 0 };

beforeAll(async () => {
	sourceUrl = (await fixtures.sqld()).url;
	await execute(sourceUrl, ...SOURCE);
	content = await contentOf(sourceUrl);
	certificate = makeCertificate();
	front = await startTlsFront(Number(new URL(sourceUrl).port), certificate);
	fixtures.closeAfter(() => front.close());
	// Whom a client trusts is otherwise said once, before a process begins.
	globalAgent.options.ca = certificate.cert;
	const tried = await overWire((piece, direction) => {
		passed[direction] += piece.length;
	});
	expect([tried.outcome, tried.story]).toEqual(['exact', 'done']);
	await tried.close();
});
afterAll(async () => {
	globalAgent.options.ca = undefined;
	await fixtures.close();
});

/** A backup by TLS, over a wire that does something to what passes. */
async function overWire(passing: Parameters<typeof startWire>[1]): Promise<Tried> {
	const wire = await startWire(front.port, passing);
	try {
		return await tryBackup(`https://127.0.0.1:${wire.port}`, [content]);
	} finally {
		await wire.close();
	}
}

/** Turns a bit of the byte at `place`, if it is in the piece that begins at `start`. */
function turnBit(piece: Buffer, start: number, place: number, bit: number): void {
	const at = place - start;
	if (at >= 0 && at < piece.length) piece.writeUInt8(piece.readUInt8(at) ^ (1 << bit), at);
}

/** `count` places, spread over all that passes. */
function turns(direction: Direction, count: number): FaultCase[] {
	return Array.from({ length: count }, (_, nth) => {
		const place = Math.floor(((nth + 0.5) * passed[direction]) / count);
		const bit = nth % 8;
		return {
			name: `bit ${bit} of byte ${place} of ${passed[direction]} that are ${direction}`,
			may: ['exact'],
			run: () =>
				overWire((piece, to, start) => {
					if (to === direction) turnBit(piece, start, place, bit);
				}),
		};
	});
}

describeWithShared('a backup over a wire that turns bits', () => {
	it(
		'one bit of what is encrypted',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'one bit of the encrypted connection is turned',
				provoked: 'a wire before a server of TLS turns it, at places all over both directions',
				promised: 'it is noticed, and the backup is correct',
			});
			await runCases(tally, [...turns('answered', casesOf(40, 400)), ...turns('asked', casesOf(20, 200))], sourceUrl);
		},
		LIMIT_MS,
	);

	it(
		'a bit again and again',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'bits of the encrypted connection are turned again and again',
				provoked: 'a wire before a server of TLS turns one in every so many bytes of what is answered',
				promised: 'a failure that names step, cause and remedy',
			});
			// The greatest lets a connection be made, and ends it on the way.
			const every = [100, 1_000, 4_000, Math.floor(passed.answered / 2)];
			const cases = every.map(
				(bytes): FaultCase => ({
					name: `every ${bytes} bytes`,
					may: ['refused'],
					code: 'DATABASE_UNREACHABLE',
					run: () =>
						overWire((piece, direction, start) => {
							if (direction === 'asked') return;
							for (let place = Math.ceil(start / bytes) * bytes; place < start + piece.length; place += bytes)
								turnBit(piece, start, place, 3);
						}),
				}),
			);
			await runCases(tally, cases);
		},
		LIMIT_MS,
	);
});
