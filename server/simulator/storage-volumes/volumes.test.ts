import { describe, expect, it } from 'vitest';
import { testCluster, type TestCluster } from '../kubelet/testing.ts';

const admin = (c: TestCluster) => c.services.api.client({ name: 'admin', groups: ['system:masters'] });
const never = { restartPolicy: 'Never' };
const server = { args: ['serve', '80'] };

function configMap(c: TestCluster, name: string, data: { readonly [key: string]: string }, more = {}): void {
	c.create('v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data, ...more });
}

describe('volumes', () => {
	it('of a ConfigMap show its keys, follow it within the minute, and can’t be written', () => {
		const c = testCluster();
		configMap(c, 'cm', { a: 'one', b: 'two' }, { binaryData: { bin: '/wA=' } });
		const mounts = [
			{ name: 'v', mountPath: '/etc/cm' },
			{ name: 'v', mountPath: '/etc/one', subPath: 'a' },
			{ name: 'some', mountPath: '/etc/some' },
		];
		const volumes = [
			{ name: 'v', configMap: { name: 'cm' } },
			{ name: 'some', configMap: { name: 'cm', items: [{ key: 'b', path: 'deep/er' }], defaultMode: 0o400 } },
		];
		c.pod('p', { ...server, volumeMounts: mounts }, { volumes });
		c.run(8);
		expect(c.exec('p', ['tool', 'cat', '/etc/cm/a']).out).toBe('one');
		expect(c.exec('p', ['tool', 'cat', '/etc/cm/bin']).out).toBe('\udcff\u0000');
		expect(c.exec('p', ['tool', 'cat', '/etc/some/deep/er']).out).toBe('two');
		expect(c.exec('p', ['tool', 'write', '/etc/cm/a', 'x']).out).toBe('EROFS\n');
		admin(c).patch(c.world, 'v1/configmaps', 'default', 'cm', { data: { a: 'new' } }, 'application/merge-patch+json');
		c.run(20);
		expect(c.exec('p', ['tool', 'cat', '/etc/cm/a']).out).toBe('one');
		c.run(60);
		expect(c.exec('p', ['tool', 'cat', '/etc/cm/a']).out).toBe('new');
		expect(c.exec('p', ['tool', 'cat', '/etc/one']).out).toBe('one');
	});

	it('of a Secret are decoded, and readable as their mode says', () => {
		const c = testCluster();
		c.create('v1/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, stringData: { pw: 'gehéim' } });
		const volumes = [{ name: 's', secret: { secretName: 's', defaultMode: 0o400 } }];
		const main = { ...server, volumeMounts: [{ name: 's', mountPath: '/s', readOnly: true }] };
		c.pod('root', main, { volumes });
		c.pod('user', main, { volumes, securityContext: { runAsUser: 1000 } });
		c.pod('group', main, { volumes, securityContext: { runAsUser: 1000, fsGroup: 2000 } });
		c.run(10);
		expect(c.exec('root', ['tool', 'cat', '/s/pw']).out).toBe('gehéim');
		expect(c.exec('user', ['tool', 'cat', '/s/pw']).out).toBe('EACCES\n');
		expect(c.exec('group', ['tool', 'cat', '/s/pw']).out).toBe('gehéim');
	});

	it('that are missing hold the pod back with an event', () => {
		const c = testCluster();
		c.pod('p', { ...server, volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', configMap: { name: 'late' } }] });
		c.run(5);
		expect(c.events('p')).toContain('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "late" not found');
		expect(c.getPod('p')?.status?.phase).toBe('Pending');
		configMap(c, 'late', { a: '1' });
		c.run(20);
		expect(c.getPod('p')?.status?.phase).toBe('Running');
	});

	it('of emptyDir are shared by containers and outlive a restart, not the pod', () => {
		const c = testCluster();
		const volumeMounts = [{ name: 'e', mountPath: '/e' }];
		const volumes = [{ name: 'e', emptyDir: {} }];
		c.pod('p', { ...server, volumeMounts }, { volumes, initContainers: [{ name: 'i', image: 'test/tool:1', args: ['write', '/e/f', 'kept'], volumeMounts }] });
		c.run(12);
		expect(c.exec('p', ['tool', 'cat', '/e/f']).out).toBe('kept\n');
		c.exec('p', ['tool', 'write', '/tmp/gone', 'x']);
		const ip = c.getPod('p')?.status?.podIP ?? '';
		c.fetch({ kind: 'pod', uid: c.getPod('p')?.metadata.uid ?? '' }, ip, 80, '/die');
		c.run(5);
		expect(c.exec('p', ['tool', 'cat', '/e/f']).out).toBe('kept\n');
		expect(c.exec('p', ['tool', 'cat', '/tmp/gone']).out).toBe('ENOENT\n');
	});

	it('bound to a claim keep their data from pod to pod', () => {
		const c = testCluster();
		if (admin(c).get(c.world, 'storage.k8s.io/v1/storageclasses', undefined, 'standard') === undefined) {
			c.create('storage.k8s.io/v1/storageclasses', {
				apiVersion: 'storage.k8s.io/v1',
				kind: 'StorageClass',
				metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
				provisioner: 'rancher.io/local-path',
				volumeBindingMode: 'WaitForFirstConsumer',
			});
		}
		c.create('v1/persistentvolumeclaims', {
			apiVersion: 'v1',
			kind: 'PersistentVolumeClaim',
			metadata: { name: 'data', namespace: 'default' },
			spec: { storageClassName: 'standard', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
		});
		const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }];
		const volumeMounts = [{ name: 'd', mountPath: '/d', subPath: 'pg' }];
		c.pod('one', { args: ['write', '/d/row', '42'], volumeMounts }, { ...never, volumes });
		c.run(20);
		expect(c.getPod('one')?.status?.phase).toBe('Succeeded');
		admin(c).delete(c.world, 'v1/pods', 'default', 'one');
		c.run(5);
		c.pod('two', { args: ['cat', '/d/row'], volumeMounts }, { ...never, volumes });
		c.run(10);
		expect(c.log('two')).toBe('42\n');
	});
});

describe('a container’s file system', () => {
	it('checks permissions of the user, and what is read-only', () => {
		const c = testCluster();
		c.pod('user', server, { securityContext: { runAsUser: 1000 } });
		c.pod('worker', { ...server, image: 'test/worker:1' });
		c.pod(
			'ro',
			{ ...server, securityContext: { readOnlyRootFilesystem: true }, volumeMounts: [{ name: 't', mountPath: '/tmp' }] },
			{ volumes: [{ name: 't', emptyDir: {} }] },
		);
		c.run(10);
		expect(c.exec('user', ['tool', 'cat', '/secret']).out).toBe('EACCES\n');
		expect(c.exec('user', ['tool', 'write', '/etc/new', 'x']).out).toBe('EACCES\n');
		expect(c.exec('user', ['tool', 'write', '/tmp/new', 'x']).out).toBe('');
		expect(c.exec('user', ['tool', 'write', '/data/x', 'x']).out).toBe('EACCES\n');
		expect(c.exec('worker', ['tool', 'write', '/data/x', 'x']).out).toBe('');
		expect(c.exec('ro', ['tool', 'write', '/etc/motd', 'x']).out).toBe('EROFS\n');
		expect(c.exec('ro', ['tool', 'write', '/tmp/x', 'x']).out).toBe('');
		expect(c.exec('user', ['tool', 'cat', '/etc/motd']).out).toBe('hello\n');
	});

	it('holds the files that the kubelet manages', () => {
		const c = testCluster();
		c.pod('p', server);
		c.run(8);
		expect(c.exec('p', ['tool', 'cat', '/etc/resolv.conf']).out).toBe(
			'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
		);
		expect(c.exec('p', ['tool', 'cat', '/etc/hostname']).out).toBe('p\n');
		expect(c.exec('p', ['tool', 'cat', '/etc/hosts']).out).toContain(`${c.getPod('p')?.status?.podIP}\tp\n`);
	});

	it('carries the termination message', () => {
		const c = testCluster();
		c.pod('p', { args: ['write', '/dev/termination-log', 'the reason'] }, never);
		c.run(8);
		expect(JSON.stringify(c.getPod('p')?.status?.['containerStatuses'])).toContain('"message":"the reason\\n"');
	});
});
