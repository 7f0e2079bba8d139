/** The editor's findings and offers over the simulated cluster's own OpenAPI and discovery. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import { readable } from '../../server/transport/lab-cluster.ts';
import type { YamlWords } from '../../src/lib/i18n/catalogue.ts';
import { fillIn } from '../../src/lib/i18n/fill-in.ts';
import { apiVersionsOf, check } from '../../src/lib/schema/check.ts';
import { ClusterSchemas } from '../../src/lib/schema/cluster-schemas.ts';
import { meaningAt, offersAt } from '../../src/lib/schema/complete.ts';

const { yaml: words } = parse(readFileSync('content/ui/en.yaml', 'utf8')) as { yaml: YamlWords };
let sandbox: SimulatorSandbox;
let release = (): void => {};
const schemas = new ClusterSchemas(async (address) => {
	const [path = '', hash] = address.split('?hash=');
	const asked = readable(path, hash);
	if (asked === undefined) throw new Error(`the server would not answer ${path}`);
	return (await sandbox.cluster.fetch(new Request(`http://cluster${path}${asked.query}`, { headers: { accept: asked.accept } }))).json();
});

beforeAll(async () => {
	sandbox = await SimulatorSandbox.create(Template.build({}), { id: 'schemas', seed: 3, speed: 20 });
	release = sandbox.hold();
	await schemas.refresh();
});
afterAll(async () => {
	release();
	await sandbox.dispose();
});

/** Findings as `line: message`. */
async function findings(text: string): Promise<string[]> {
	await schemas.need(apiVersionsOf(text));
	return check(text, schemas).map(({ from, says, values }) => `${text.slice(0, from).split('\n').length}: ${fillIn(words[says], values)}`);
}

/** Labels offered at the `|`. */
async function offered(marked: string): Promise<string[]> {
	const text = marked.replace('|', '');
	await schemas.need(apiVersionsOf(text));
	return (offersAt(text, marked.indexOf('|'), schemas)?.offers ?? []).map((offer) => offer.label);
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.29
        resources:
          limits: {cpu: 1, memory: 64Mi}
        ports:
        - containerPort: 80
        livenessProbe:
          httpGet: {port: http}
`;

describe('findings', () => {
	it('has nothing to say about a sound file, other programs’ files, or plain data', async () => {
		expect(await findings(DEPLOYMENT)).toEqual([]);
		expect(await findings('apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n')).toEqual([]);
		expect(await findings('replicas: 3\nimage: {tag: "1"}\n')).toEqual([]);
	});

	it('names unknown fields with what was meant, on their line, in a later document, too', async () => {
		const text = `${DEPLOYMENT}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selektor:\n    app: web\n  ports:\n  - port: 80\n    targetport: 80\n`;
		expect(await findings(text)).toEqual([
			'30: unknown field “spec.selektor”; did you mean “selector”?',
			'34: unknown field “spec.ports[0].targetport”; did you mean “targetPort”?',
		]);
	});

	it('tells wrong types, values that a field does not take, and what is missing', async () => {
		const wrong = DEPLOYMENT.replace('replicas: 2', 'replicas: "2"')
			.replace('image: nginx:1.29', 'imagePullPolicy: always')
			.replace('- name: web', '- env: {A: b}');
		expect(await findings(wrong)).toEqual([
			'6: spec.replicas takes integer, not text: take the quotes off.',
			'16: spec.template.spec.containers[0].name is missing; it is required.',
			'16: spec.template.spec.containers[0].env takes []EnvVar, not a mapping.',
			'17: spec.template.spec.containers[0].imagePullPolicy cannot be “always”; did you mean “Always”? It takes Always, IfNotPresent, Never.',
		]);
		expect(await findings('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    on: yes\ndata:\n  port: 80\n')).toEqual([
			'3: metadata.name is missing.',
			'5: metadata.labels.true takes text, and this is the boolean true to YAML: put it in quotes.',
			'7: data.port takes text, and this is the number 80 to YAML: put it in quotes.',
		]);
	});

	it('knows which kinds the cluster serves', async () => {
		expect(await findings('apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n')).toEqual([
			'1: This cluster serves no Deployment in extensions/v1beta1; it has one in apps/v1.',
		]);
		expect((await findings('apiVersion: apps/v1\nkind: Deploment\nmetadata: {name: a}\n'))[0]).toContain('Did you mean Deployment?');
	});

	it('says what is no YAML: duplicate keys, tabs, indentation', async () => {
		expect(await findings('apiVersion: v1\nkind: Pod\nkind: Pod\nmetadata: {name: a}\n')).toContainEqual(
			expect.stringMatching(/^3: This key stands here twice/),
		);
		expect((await findings('spec:\n\treplicas: 2\n')).join()).toMatch(/tab/i);
		expect((await findings('a:\n  b: 1\n c: 2\n'))[0]).toMatch(/^3: /);
	});

	it('stays inside the text whatever is cut off', async () => {
		await schemas.need(['apps/v1']);
		for (let end = 0; end <= DEPLOYMENT.length; end += 3) {
			for (const { from, to } of check(DEPLOYMENT.slice(0, end), schemas)) {
				expect(from).toBeLessThanOrEqual(to);
				expect(to).toBeLessThanOrEqual(end);
			}
			offersAt(DEPLOYMENT, end, schemas);
		}
	});
});

describe('offers', () => {
	it('offers keys of the path, without those that are there', async () => {
		const inSpec = await offered('apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  type: ClusterIP\n  |\n  ports: []\n');
		expect(inSpec).toContain('selector');
		expect(inSpec).not.toContain('type');
		expect(inSpec).not.toContain('ports');
		expect(await offered(DEPLOYMENT.replace('image: nginx:1.29', 'im|'))).toEqual(expect.arrayContaining(['image', 'imagePullPolicy']));
		expect(await offered(DEPLOYMENT.replace('- containerPort: 80', '- |'))).toEqual(expect.arrayContaining(['containerPort', 'protocol']));
		expect(await offered('|')).toEqual(['apiVersion', 'kind', 'metadata']);
	});

	it('offers kinds, versions and the values of a field', async () => {
		expect(await offered('apiVersion: batch/v1\nkind: |\n')).toEqual(['CronJob', 'Job']);
		expect(await offered('kind: Deployment\napiVersion: |\n')).toEqual(['apps/v1']);
		expect(await offered(DEPLOYMENT.replace('image: nginx:1.29', 'imagePullPolicy: |'))).toEqual(['Always', 'IfNotPresent', 'Never']);
		expect(await offered('apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec:\n  accessModes:\n  - |\n')).toContain('ReadWriteOnce');
		expect(await offered('apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec:\n  accessModes: [|\n')).toContain('ReadWriteOnce');
	});

	it('asks for live names where a field takes one', async () => {
		const marked = DEPLOYMENT.replace('containers:', 'serviceAccountName: |\n      containers:');
		expect(offersAt(marked.replace('|', ''), marked.indexOf('|'), schemas)?.names?.kind.resource).toBe('serviceaccounts');
		expect(await schemas.liveNames({ apiVersion: 'v1', kind: 'Namespace', namespaced: false, resource: 'namespaces' }, '')).toContain('default');
	});

	it('says nothing in comments and blocks of text', async () => {
		expect(await offered('apiVersion: v1\nkind: ConfigMap\n# me|\n')).toEqual([]);
		const block = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: >-\n    ki';
		expect(offersAt(block, block.length, schemas)).toBeUndefined();
	});

	it('puts in what leads on: a blank, a deeper line, a list', async () => {
		const text = 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  ';
		const inserts = new Map(offersAt(text, text.length, schemas)?.offers.map((offer) => [offer.label, offer.insert]));
		expect(inserts.get('replicas')).toBe('replicas: ');
		expect(inserts.get('template')).toBe('template:\n    ');
		const first = offersAt(text, text.length, schemas)?.offers.find((offer) => offer.label === 'selector');
		expect(first?.required).toBe(true);
	});
});

it('explains the key under the pointer', () => {
	const at = DEPLOYMENT.indexOf('containerPort');
	expect(meaningAt(DEPLOYMENT, at + 2, schemas)).toMatchObject({ title: 'spec.template.spec.containers.ports.containerPort: integer', required: true });
	expect(meaningAt(DEPLOYMENT, DEPLOYMENT.indexOf('nginx') + 1, schemas)).toBeUndefined();
});

it('learns a kind that a CustomResourceDefinition brings', async () => {
	const text = 'apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: a\nspec:\n  size: 11\n  colour: blue\n';
	expect((await findings(text))[0]).toMatch(/^2: This cluster knows no kind Widget/);
	const properties = {
		spec: { type: 'object', required: ['owner'], properties: { size: { type: 'integer', maximum: 10 }, colour: { type: 'string', enum: ['red'] } } },
	};
	const body = JSON.stringify({
		apiVersion: 'apiextensions.k8s.io/v1',
		kind: 'CustomResourceDefinition',
		metadata: { name: 'widgets.example.com' },
		spec: {
			group: 'example.com',
			scope: 'Namespaced',
			names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
			versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }],
		},
	});
	const url = 'http://cluster/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
	const created = await sandbox.cluster.fetch(new Request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }));
	expect(created.status).toBe(201);
	await expect.poll(() => schemas.refresh(true)).toBe(true);
	await expect
		.poll(() => findings(text))
		.toEqual(['5: spec.owner is missing; it is required.', '6: spec.size is 10 at most.', '7: spec.colour cannot be “blue”. It takes red.']);
});

it('lets the page read schemas, discovery and metadata of lists, and nothing else', () => {
	expect(readable('/api/v1/namespaces/default/secrets', undefined)?.accept).toContain('PartialObjectMetadataList');
	for (const path of ['/api/v1/namespaces/default/pods/web', '/api/v1/namespaces/a/services/b/proxy/x', '/logs/', '/api/v1/../v1/pods', '/metrics'])
		expect(readable(path, undefined), path).toBeUndefined();
});
