import type { ConfigWith } from '../config/config';
import type { ErrorCode } from '../core/errors';
import type { JobContext } from './context';

/** What became of a branch that was made for a dump. */
export interface BranchFate {
	readonly name: string;
	/** Why it is still there; null: it was dropped. */
	readonly leftFor: ErrorCode | null;
}

export interface SourceOptions {
	readonly config: ConfigWith<'database'>;
	readonly context: JobContext;
	readonly signal?: AbortSignal;
	/** Told of every branch that was dropped, or could not be. */
	readonly onBranch?: (fate: BranchFate) => void;
}
