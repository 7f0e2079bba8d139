/** Releases of the container: its month, the server in it. */
export interface Release {
	readonly container: string;
	readonly server: string;
	readonly build: number;
}

const RELEASES: readonly (readonly [container: string, server: string, build: number])[] = [
	['25.01', '2.54.0', 136230209],
	['24.12', '2.53.0', 128783930],
	['24.11', '2.52.0', 122198474],
	['24.10', '2.51.0', 115956486],
	['24.09', '2.50.0', 109485240],
	['24.08', '2.49.0', 104339610],
	['24.07', '2.48.0', 102090217],
	['24.06', '2.47.0', 98205161],
	['24.05', '2.46.0', 93862250],
	['24.04', '2.45.0', 90085241],
	['24.03', '2.44.0', 86102629],
	['24.02', '2.43.0', 82884440],
	['24.01', '2.42.0', 80100513],
];

export const releases: readonly Release[] = RELEASES.map(([container, server, build]) => ({ container, server, build }));
