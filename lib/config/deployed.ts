import type { EnvironmentSource } from './environment';

/** Claims that the code runs deployed on Vercel, where no disk outlives the function. */
export function isDeployed({
	VERCEL,
	VERCEL_ENV,
}: {
	readonly VERCEL?: string;
	readonly VERCEL_ENV?: string;
}): boolean {
	return VERCEL_ENV === 'production' || (VERCEL === '1' && VERCEL_ENV !== 'development');
}

/** Claims that the app runs by `next dev`, on the machine of who works on it. */
export function isDevelopment(env: EnvironmentSource): boolean {
	return env.NODE_ENV === 'development' && !isDeployed(env);
}
