/** The releases of vLLM that exist as images, and what changed between them that a user can see. */

export interface Release {
	/** `0.11.0`. */
	readonly text: string;
	/** Minor with patch as a tenth: 11, 15.1; what `serving/deployment.ts` calls a version. */
	readonly number: number;
}

/** Newest first; the first one is `latest`. */
const RELEASES = [
	'0.27.0',
	'0.23.0',
	'0.20.1',
	'0.19.1',
	'0.15.1',
	'0.11.2',
	'0.11.1',
	'0.11.0',
	'0.10.2',
	'0.10.1.1',
	'0.10.1',
	'0.10.0',
	'0.9.2',
	'0.9.1',
	'0.9.0.1',
	'0.9.0',
	'0.8.5.post1',
	'0.8.5',
	'0.8.4',
	'0.8.3',
	'0.8.2',
	'0.8.1',
	'0.8.0',
	'0.7.3',
	'0.7.2',
	'0.7.1',
	'0.7.0',
	'0.6.6.post1',
	'0.6.6',
	'0.6.5',
	'0.6.4.post1',
	'0.6.4',
	'0.6.3.post1',
	'0.6.3',
	'0.6.2',
	'0.6.1.post2',
	'0.6.1',
	'0.6.0',
];

const release = (text: string): Release => {
	const [, minor = '0', patch = '0'] = text.split('.');
	return { text, number: Number(minor) + Number(patch) / 10 };
};

/** All releases, newest first. */
export const releases: readonly Release[] = RELEASES.map(release);

/** Envelope `{"error": {…}}`; a flat object before. */
export const nestedErrors = (v: number): boolean => v >= 11;
/** The engine is V1 unless VLLM_USE_V1=0 (until V0 was taken out in 0.11). */
export const isV1 = (v: number, env: { readonly [name: string]: string }): boolean =>
	v < 8 ? v >= 7 && env['VLLM_USE_V1'] === '1' : v >= 11 || env['VLLM_USE_V1'] !== '0';
/** Log lines name their process: `(APIServer pid=1) INFO …`. */
export const namesProcesses = (v: number): boolean => v >= 10;
