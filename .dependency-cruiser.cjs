/** The walls between rooms, as ARCHITECTURE.md draws them. */
const test = '\\.test\\.ts$|/testing/|^test/|^tools/';
module.exports = {
	forbidden: [
		{ name: 'no-cycles', severity: 'error', from: { pathNot: test }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
		{
			name: 'protocol-imports-nothing-of-ours',
			severity: 'error',
			from: { path: '^server/protocol' },
			to: { path: '^(server|src|labs|content|test)', pathNot: '^server/protocol' },
		},
		{
			name: 'site-knows-only-the-protocol',
			severity: 'error',
			from: { path: '^src', pathNot: test },
			to: { path: '^(server|labs|test)', pathNot: '^server/protocol' },
		},
		{
			name: 'simulator-stands-alone',
			severity: 'error',
			from: { path: '^server/simulator', pathNot: test },
			to: { path: '^(server|src|labs|test)', pathNot: '^server/simulator' },
		},
		{ name: 'simulator-without-node', severity: 'error', from: { path: '^server/simulator', pathNot: test }, to: { dependencyTypes: ['core'] } },
		{
			name: 'grading-knows-no-provider',
			severity: 'error',
			from: { path: '^(server/grading|labs)', pathNot: test },
			to: {
				path: '^server/',
				pathNot: '^server/(grading|traffic|protocol|errors|limits\\.ts|sandboxes/sandbox\\.ts|simulator/network/types\\.ts|simulator/inputs\\.ts)',
			},
		},
		{
			name: 'shell-reaches-the-cluster-through-the-seam',
			severity: 'error',
			from: { path: '^server/(shell|terminal)', pathNot: test },
			to: { path: '^server/(transport|sessions|progress|store|grading|cli|main\\.ts)' },
		},
		{
			name: 'traffic-knows-only-the-seam',
			severity: 'error',
			from: { path: '^server/traffic', pathNot: test },
			to: { path: '^(server|src|labs|test)', pathNot: '^server/(traffic|sandboxes/sandbox\\.ts|simulator/network/types\\.ts)' },
		},
		{
			name: 'sandboxes-look-down-only',
			severity: 'error',
			from: { path: '^server/sandboxes', pathNot: test },
			to: { path: '^server/(transport|sessions|progress|store|grading|shell|terminal|cli|main\\.ts)' },
		},
		{
			name: 'progress-looks-down-only',
			severity: 'error',
			from: { path: '^server/(progress|store)', pathNot: test },
			to: { path: '^server/(transport|sessions|sandboxes|simulator|shell|terminal|cli|main\\.ts)' },
		},
		{
			name: 'people-look-down-only',
			severity: 'error',
			from: { path: '^server/people', pathNot: test },
			to: { path: '^server/(transport|sessions|sandboxes|simulator|shell|terminal|cli|main\\.ts)' },
		},
		{
			name: 'reviews-look-down-only',
			severity: 'error',
			from: { path: '^server/reviews', pathNot: test },
			to: { path: '^server/(transport|sessions|sandboxes|simulator|shell|terminal|grading|cli|main\\.ts)' },
		},
		{
			name: 'documents-are-pure',
			severity: 'error',
			from: { path: '^server/documents', pathNot: test },
			to: { path: '^(server|src|labs|test)', pathNot: '^server/(documents|protocol)' },
		},
		{ name: 'documents-without-node', severity: 'error', from: { path: '^server/documents', pathNot: test }, to: { dependencyTypes: ['core'] } },
		{
			name: 'sessions-do-not-know-transport',
			severity: 'error',
			from: { path: '^server/sessions', pathNot: test },
			to: { path: '^server/(transport|cli|main\\.ts)' },
		},
		{
			name: 'no-dev-dependencies-in-the-product',
			severity: 'error',
			from: { path: '^(server|src|labs)', pathNot: test },
			to: { dependencyTypes: ['npm-dev'], pathNot: '@types|^node_modules/vite' },
		},
		{ name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^(astro:|virtual:)' } },
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '\\.astro/|dist/|\\.cache/' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'server/tsconfig.json' },
		enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], mainFields: ['module', 'main', 'types'] },
	},
};
