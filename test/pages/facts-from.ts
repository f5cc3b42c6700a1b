import type { BackupFacts } from '../../lib/backup/facts';
import type { Manifest } from '../../lib/backup/manifest';

/** What retention goes by, of a backup that is there with its data. */
export function factsFrom(manifest: Manifest, isHeld: boolean): BackupFacts {
	const { id, proof, trigger, label, only, object, createdAt } = manifest;
	return {
		id,
		createdAt: new Date(createdAt),
		proof: proof.kind,
		isScheduled: trigger.kind === 'cron',
		label,
		isPartial: only !== null,
		data: [object.name],
		beside: [],
		heldFor: isHeld ? 'held' : null,
		lockedUntil: null,
		storedAt: null,
	};
}
