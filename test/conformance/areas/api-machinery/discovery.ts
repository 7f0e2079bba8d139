/** Discovery: every group has a preferred version, every version its resources. */
import { expect } from 'vitest';
import { spec } from '../spec.ts';

interface Group {
	readonly name: string;
	readonly preferredVersion: { readonly groupVersion: string; readonly version: string };
	readonly versions: readonly { readonly groupVersion: string }[];
}

spec('Discovery, confirm the PreferredVersion for each api group', async (c) => {
	const { groups } = await c.get<{ groups: readonly Group[] }>('/apis');
	expect(groups.length).toBeGreaterThan(15);
	for (const { name } of groups) {
		const group = await c.get<Group>(`/apis/${name}`);
		expect(group.versions.map((v) => v.groupVersion)).toContain(group.preferredVersion.groupVersion);
	}
});

spec('Discovery, confirm the groupVerion and a resourcefrom each apiGroup', async (c) => {
	const { groups } = await c.get<{ groups: readonly Group[] }>('/apis');
	for (const { groupVersion } of groups.flatMap((g) => g.versions)) {
		const list = await c.get<{ groupVersion: string; resources: readonly { name: string; kind: string; verbs: readonly string[] }[] }>(`/apis/${groupVersion}`);
		expect(list.groupVersion).toBe(groupVersion);
		expect(list.resources.every((r) => r.name !== '' && r.kind !== '' && r.verbs.length > 0)).toBe(true);
	}
});

spec('Admission webhook, discovery document', async (c) => {
	const { groups } = await c.get<{ groups: readonly Group[] }>('/apis');
	expect(groups.find((g) => g.name === 'admissionregistration.k8s.io')?.versions.map((v) => v.groupVersion)).toContain('admissionregistration.k8s.io/v1');
	const list = await c.get<{ resources: readonly { name: string }[] }>('/apis/admissionregistration.k8s.io/v1');
	expect(list.resources.map((r) => r.name)).toEqual(expect.arrayContaining(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']));
});
