/** Volumes: config maps, secrets, downward API, projected, emptyDir, subPath. */
import type { V1ConfigMap, V1Pod, V1Volume } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { box, finished, logs, meta, pod, printed, started, untilRunning } from '../pods.ts';
import { also, spec } from '../spec.ts';

const mount = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };
const volume = (source: object): { volumes: V1Volume[] } => ({ volumes: [{ name: 'v', ...source } as V1Volume] });
const data = { 'data-1': 'value-1', 'data-2': 'value-2' };

async function sources(c: Cluster): Promise<void> {
	await c.at('v1/configmaps').create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('m'), data, binaryData: { dump: 'AAECAw==' } });
	await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('s'), stringData: data });
}
/** The same specs hold for a source by itself and projected. */
for (const [word, projected] of [
	['ConfigMap', 'Projected Volume, ConfigMap'],
	['Secrets', 'Projected Volume, Secrets'],
] as const) {
	const isMap = word === 'ConfigMap';
	const kinds = {
		plain: (more: object): object => (isMap ? { configMap: { name: 'm', ...more } } : { secret: { secretName: 's', ...more } }),
		projected: ({ defaultMode, ...more }: { defaultMode?: number }): object => ({
			projected: {
				...(defaultMode === undefined ? {} : { defaultMode }),
				sources: [isMap ? { configMap: { name: 'm', ...more } } : { secret: { name: 's', ...more } }],
			},
		}),
	};
	const names = isMap
		? [
				'ConfigMap Volume, without mapping',
				'ConfigMap Volume, without mapping, volume mode set',
				'ConfigMap Volume, with mapping',
				'ConfigMap Volume, with mapping, volume mode set',
				'ConfigMap Volume, without mapping, non-root user',
				'ConfigMap Volume, with mapping, non-root user',
				`${projected}, volume mode default`,
				`${projected}, volume mode 0400`,
				`${projected}, mapped`,
				`${projected}, mapped, volume mode 0400`,
				`${projected}, non-root user`,
				`${projected}, mapped, non-root user`,
			]
		: [
				'Secrets Volume, default',
				'Secrets Volume, volume mode 0400',
				'Secrets Volume, mapping',
				'Secrets Volume, mapping, volume mode 0400',
				'Secrets Volume, volume mode 0440, fsGroup 1001 and uid 1000',
				`${projected}, volume mode default`,
				`${projected}, volume mode 0400`,
				`${projected}, mapped`,
				`${projected}, mapped, volume mode 0400`,
				'Project Volume, Secrets, non-root, custom fsGroup',
			];
	spec(names, async (c) => {
		await sources(c);
		for (const [kind, of] of Object.entries(kinds)) {
			const read = (name: string, script: string, more: { defaultMode?: number; items?: object[] }, podSpec: object = {}): Promise<string> =>
				printed(c, `${kind}-${name}`, script, { ...volume(of(more)), ...podSpec }, mount);
			expect(await read('default', 'stat -L -c %a /v/data-1; cat /v/data-1', {})).toBe('644\nvalue-1');
			expect(await read('mode', 'stat -L -c %a /v/data-1', { defaultMode: 0o400 })).toBe('400\n');
			const items = [{ key: 'data-2', path: 'path/to/data-2' }];
			expect(await read('mapped', 'stat -L -c %a /v/path/to/data-2; cat /v/path/to/data-2; ls /v', { items })).toBe('644\nvalue-2path\n');
			expect(await read('item', 'stat -L -c %a /v/path/to/data-2', { items: [{ ...items[0], mode: 0o400 }] })).toBe('400\n');
			expect(await read('user', 'id -u; cat /v/data-1', {}, { securityContext: { runAsUser: 1000 } })).toBe('1000\nvalue-1');
			const group = await read(
				'group',
				'stat -L -c "%a %g" /v/data-1; cat /v/data-1',
				{ defaultMode: 0o440 },
				{ securityContext: { runAsUser: 1000, fsGroup: 1001 } },
			);
			expect(group).toBe('440 1001\nvalue-1');
		}
	});
}

spec(
	[
		'ConfigMap Volume, update',
		'ConfigMap Volume, create, update and delete',
		'Secrets Volume, create, update and delete',
		'Projected Volume, ConfigMap, update',
		'Projected Volume, ConfigMap, create, update and delete',
		'Projected Volume, Secrets, create, update delete',
	],
	async (c) => {
		await sources(c);
		const optional = true;
		const all = {
			volumes: [
				{ name: 'm', configMap: { name: 'm', optional } },
				{ name: 'late', secret: { secretName: 'late', optional } },
				{
					name: 'p',
					projected: { sources: [{ secret: { name: 's', optional } }, { configMap: { name: 'm', optional, items: [{ key: 'data-1', path: 'map' }] } }] },
				},
			],
			containers: [
				box(
					'c',
					'while true; do echo "$(cat /m/data-1 2>/dev/null) $(cat /late/x 2>/dev/null) $(cat /p/data-1 2>/dev/null) $(cat /p/map 2>/dev/null)."; sleep 1; done',
					{
						volumeMounts: [
							{ name: 'm', mountPath: '/m' },
							{ name: 'late', mountPath: '/late' },
							{ name: 'p', mountPath: '/p' },
						],
					},
				),
			],
		};
		await started(c, pod('p', all));
		const now = async (): Promise<string | undefined> => (await logs(c, 'p', '?tailLines=1')).split('\n')[0];
		expect(await now()).toBe('value-1  value-1 value-1.');
		await c.at('v1/configmaps').patch('m', { data: { 'data-1': 'new' } });
		await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('late'), stringData: { x: 'came' } });
		await c.until('both show', async () => (await now()) === 'new came value-1 new.', 200);
		await c.at('v1/secrets').delete('s');
		await c.until('what is deleted goes', async () => (await now()) === 'new came  new.', 200);
	},
);

spec(['ConfigMap Volume, immutability', 'Secrets Volume, immutability'], async (c) => {
	await sources(c);
	for (const [resource, name, field] of [
		['v1/configmaps', 'm', 'data'],
		['v1/secrets', 's', 'data'],
	] as const) {
		const of = c.at<V1ConfigMap>(resource);
		await of.patch(name, { immutable: true });
		const refused = await of.tryPatch(name, { [field]: { 'data-1': 'bmV3' } });
		expect(refused).toMatchObject({ status: 422, body: { message: expect.stringContaining('field is immutable when `immutable` is set') as string } });
		expect((await of.tryPatch(name, { immutable: false })).status).toBe(422);
		await of.patch(name, { metadata: { labels: { still: 'fine' } } });
		await of.delete(name);
	}
});

spec(
	[
		'ConfigMap Volume, text data, binary data',
		'ConfigMap Volume, multiple volume maps',
		'Projected Volume, ConfigMap, multiple volume paths',
		'Secrets Volume, mapping multiple volume paths',
		'Projected Volume, Secrets, mapped, multiple paths',
	],
	async (c) => {
		await sources(c);
		const volumes = [
			{ name: 'a', configMap: { name: 'm' } },
			{ name: 'b', configMap: { name: 'm' } },
			{ name: 'c', secret: { secretName: 's' } },
			{ name: 'd', projected: { sources: [{ secret: { name: 's' } }] } },
		];
		const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
		expect(await printed(c, 'p', 'for d in a b c d; do cat /$d/data-1; done; echo; base64 /a/dump', { volumes }, { volumeMounts })).toMatch(
			/^(value-1){4}\nAAECAw==/,
		);
	},
);

spec('Secrets Volume, volume mode default, secret with same name in different namespace', async (c) => {
	await sources(c);
	await c.at('v1/namespaces', '').create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
	await c.at('v1/secrets', 'n').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('s'), stringData: { 'data-1': 'other' } });
	expect(await printed(c, 'p', 'cat /v/data-1', volume({ secret: { secretName: 's' } }), mount)).toBe('value-1');
});

const RESOURCES = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } };
for (const prefix of ['DownwardAPI volume', 'Projected Volume, DownwardAPI'] as const) {
	const of = (items: object[], defaultMode?: number): { volumes: V1Volume[] } => {
		const mode = defaultMode === undefined ? {} : { defaultMode };
		return volume(prefix === 'DownwardAPI volume' ? { downwardAPI: { items, ...mode } } : { projected: { sources: [{ downwardAPI: { items } }], ...mode } });
	};
	const resource = (name: string): object => ({
		path: name,
		resourceFieldRef: { containerName: 'main', resource: name, ...(name.endsWith('cpu') ? { divisor: '1m' } : {}) },
	});
	const nodeWide =
		prefix === 'DownwardAPI volume'
			? ['CPU limit, default node allocatable', 'memory limit, default node allocatable']
			: ['CPU limit, node allocatable', 'memory limit, node allocatable'];
	spec([...['CPU limits', 'CPU request', 'memory limits', 'memory request', ...nodeWide].map((x) => `${prefix}, ${x}`)], async (c) => {
		const items = ['limits.cpu', 'requests.cpu', 'limits.memory', 'requests.memory'].map(resource);
		const script = 'cd /v; for f in limits.cpu requests.cpu limits.memory requests.memory; do cat $f; echo; done';
		expect(await printed(c, 'p', script, of(items), { ...mount, resources: RESOURCES })).toBe('1250\n250\n67108864\n33554432\n');
		expect(await printed(c, 'q', 'cat /v/limits.cpu; echo; cat /v/limits.memory', of(items), mount)).toBe(`4000\n${8 * 1024 ** 3}`);
	});
	const modes = prefix === 'DownwardAPI volume' ? ['volume mode 0400', 'file mode 0400'] : ['volume mode 0400', 'volume mode 0400'];
	spec([`${prefix}, pod name`, ...modes.map((x) => `${prefix}, ${x}`)], async (c) => {
		const name = { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } };
		expect(await printed(c, 'p', 'cat /v/podname', of([name]), mount)).toBe('p');
		expect(await printed(c, 'q', 'stat -L -c %a /v/podname', of([name], 0o400), mount)).toBe('400\n');
		expect(await printed(c, 'r', 'stat -L -c %a /v/podname', of([{ ...name, mode: 0o400 }]), mount)).toBe('400\n');
	});
	spec(
		[
			`${prefix}, update ${prefix === 'DownwardAPI volume' ? 'label' : 'labels'}`,
			`${prefix}, update ${prefix === 'DownwardAPI volume' ? 'annotations' : 'annotation'}`,
		],
		async (c) => {
			const items = ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } }));
			const body = pod(
				'p',
				{ ...of(items), containers: [box('main', 'while true; do cat /v/labels /v/annotations | tr "\\n" ","; echo; sleep 1; done', mount)] },
				{ key1: 'value1' },
			);
			await started(c, { ...body, metadata: { ...body.metadata, annotations: { builder: 'bar' } } });
			const now = async (): Promise<string | undefined> => (await logs(c, 'p', '?tailLines=1')).split('\n')[0];
			expect(await now()).toMatch(/^key1="value1",?builder="bar"/);
			await c.at('v1/pods').patch('p', { metadata: { labels: { key3: 'value3' }, annotations: { builder: 'foo' } } });
			await c.until('both show', async () => /key1="value1",key3="value3",?builder="foo"/.test((await now()) ?? ''), 200);
		},
	);
}

spec('Projected Volume, multiple projections', async (c) => {
	await sources(c);
	const projected = {
		sources: [
			{ secret: { name: 's', items: [{ key: 'data-1', path: 'secret' }] } },
			{ configMap: { name: 'm', items: [{ key: 'data-2', path: 'map' }] } },
			{ downwardAPI: { items: [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
		],
	};
	expect(await printed(c, 'p', 'cd /v; ls; cat secret map podname', volume({ projected }), mount)).toBe('map\npodname\nsecret\nvalue-1value-2p');
});

const EMPTY = ['root', 'non-root'].flatMap((user) =>
	['0644', '0666', '0777'].flatMap((mode) => ['default', 'Memory'].map((medium) => ({ user, mode, medium }))),
);
spec(
	EMPTY.map(({ user, mode, medium }) => `EmptyDir, medium ${medium.toLowerCase()}, volume mode ${mode}${user === 'root' ? '' : ', non-root user'}`),
	async (c) => {
		for (const [i, { user, mode, medium }] of EMPTY.entries()) {
			const spec = { ...volume({ emptyDir: medium === 'default' ? {} : { medium } }), ...(user === 'root' ? {} : { securityContext: { runAsUser: 1001 } }) };
			const script = `echo content > /v/f; chmod ${mode} /v/f; stat -c "%a %u" /v/f; cat /v/f`;
			expect(await printed(c, `p${i}`, script, spec, mount)).toBe(`${Number(mode)} ${user === 'root' ? 0 : 1001}\ncontent\n`);
		}
	},
);

spec(
	['EmptyDir, medium default, volume mode default', 'EmptyDir, medium memory, volume mode default', 'EmptyDir, Shared volumes between containers'],
	async (c) => {
		for (const [name, emptyDir] of [
			['disk', {}],
			['memory', { medium: 'Memory' }],
		] as const)
			expect(await printed(c, name, 'stat -c %a /v', volume({ emptyDir }), mount)).toBe('777\n');
		await finished(
			c,
			pod('p', {
				...volume({ emptyDir: {} }),
				containers: [box('a', 'echo hello > /v/f', mount), box('b', 'while [ ! -e /v/f ]; do sleep 1; done; cat /v/f', mount)],
			}),
		);
		expect(await logs(c, 'p', '?container=b')).toBe('hello\n');
	},
);

spec(
	[
		'VolumeSubpathEnvExpansion, subpath expansion',
		'VolumeSubpathEnvExpansion, subpath with absolute path',
		'VolumeSubpathEnvExpansion, subpath with backticks',
		'VolumeSubpathEnvExpansion, subpath test writes',
	],
	async (c) => {
		const env = [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
		const volumeMounts = [
			{ name: 'v', mountPath: '/sub', subPathExpr: '$(POD_NAME)' },
			{ name: 'v', mountPath: '/v' },
		];
		expect(await printed(c, 'p', 'echo x > /sub/file; ls /v; cat /v/$POD_NAME/file', volume({ emptyDir: {} }), { env, volumeMounts })).toBe('p\nx\n');
		for (const [name, value] of [
			['absolute', '/tmp'],
			['backticks', '..'],
		] as const) {
			const made = pod(name, {
				...volume({ emptyDir: {} }),
				containers: [box('c', 'true', { env: [{ name: 'X', value }], volumeMounts: [{ name: 'v', mountPath: '/sub', subPathExpr: '$(X)' }] })],
			});
			await c.at('v1/pods').create(made);
			await c.pass(30);
			const held = await c.at<V1Pod>('v1/pods').get(name);
			expect([held.status?.phase, held.status?.containerStatuses?.[0]?.state?.waiting?.reason]).toEqual(['Pending', 'CreateContainerConfigError']);
		}
	},
);

spec('VolumeSubpathEnvExpansion, subpath ready from failed state', async (c) => {
	const env = [{ name: 'AT', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } }];
	const volumeMounts = [{ name: 'v', mountPath: '/sub', subPathExpr: '$(AT)/foo' }];
	await c.at('v1/pods').create(pod('p', { ...volume({ emptyDir: {} }), containers: [box('c', 'sleep 1000', { env, volumeMounts })] }));
	await c.pass(60);
	expect((await c.at<V1Pod>('v1/pods').get('p')).status?.phase).toBe('Pending');
	await c.at('v1/pods').patch('p', { metadata: { annotations: { mysubpath: 'mypath' } } });
	await untilRunning(c, 'p');
});

also('subPath shows one entry of a volume', async (c) => {
	await sources(c);
	const volumeMounts = [{ name: 'v', mountPath: '/etc/one', subPath: 'data-1' }];
	expect(await printed(c, 'p', 'cat /etc/one', volume({ configMap: { name: 'm' } }), { volumeMounts })).toBe('value-1');
});
