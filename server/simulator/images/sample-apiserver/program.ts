/**
 * Kubernetes' sample API server: flunders and fischers of wardle.example.com, over https, for the aggregation layer. Models
 * k8s.io/sample-apiserver as far as a store of objects goes; its etcd is its own memory.
 */
import { isRecord, rec, str } from '../../apiserver/registry/fields.ts';
import { mergePatch } from '../../apiserver/patch/merge.ts';
import { formatTime } from '../../kernel/time.ts';
import type { HttpRequest } from '../../network/types.ts';
import { parseQuery } from '../http-service.ts';
import type { Process, Program } from '../program.ts';

type Fields = { readonly [key: string]: unknown };

interface Data {
	/** `<resource>/<namespace>/<name>` → object. */
	readonly objects: { readonly [key: string]: Fields };
	readonly revision: number;
}
type Server = Process<Data>;
interface Answer {
	readonly status: number;
	readonly body: unknown;
}

const GROUP = 'wardle.example.com';
const VERSIONS: { readonly [version: string]: readonly string[] } = { v1alpha1: ['flunders', 'fischers'], v1beta1: ['flunders'] };
const KINDS: { readonly [resource: string]: string } = { flunders: 'Flunder', fischers: 'Fischer' };
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
/** Objects kept; a learner's loop shall not fill the process. */
const OBJECTS_KEPT = 1000;
/** Paths that authorization does not hold: probes carry no user. */
const OPEN = ['/healthz', '/livez', '/readyz'];

const ok = (body: unknown, status = 200): Answer => ({ status, body });

function failed(code: number, reason: string, message: string): Answer {
	return { status: code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } };
}

const groupVersion = (version: string): object => ({ groupVersion: `${GROUP}/${version}`, version });
const group = {
	name: GROUP,
	versions: Object.keys(VERSIONS).toReversed().map(groupVersion),
	preferredVersion: groupVersion('v1beta1'),
};

function resourceList(version: string): Answer {
	const resources = (VERSIONS[version] ?? []).map((name) => ({
		name,
		singularName: name.slice(0, -1),
		namespaced: name === 'flunders',
		kind: KINDS[name],
		verbs: VERBS,
	}));
	return ok({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${GROUP}/${version}`, resources });
}

function parsed(text: string): Fields | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? value : undefined;
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
}

function put(process: Server, key: string, object: Fields): Fields {
	const revision = process.data.revision + 1;
	const stored = { ...object, metadata: { ...rec(object['metadata']), resourceVersion: String(revision) } };
	process.data = { revision, objects: { ...process.data.objects, [key]: stored } };
	return stored;
}

function remove(process: Server, keys: readonly string[]): void {
	const gone = new Set(keys);
	const objects = Object.fromEntries(Object.entries(process.data.objects).filter(([key]) => !gone.has(key)));
	process.data = { revision: process.data.revision + 1, objects };
}

/** Where in the API a request goes. */
interface Place {
	readonly version: string;
	readonly resource: string;
	readonly namespace: string;
	readonly name: string;
}

function placeOf(path: string): Place | undefined {
	const [, version = '', namespace = '', resource = '', name = ''] =
		/^\/apis\/wardle\.example\.com\/(\w+)(?:\/namespaces\/([^/]+))?\/(\w+)(?:\/([^/]+))?$/.exec(path) ?? [];
	return VERSIONS[version]?.includes(resource) === true ? { version, resource, namespace, name } : undefined;
}

function create(process: Server, place: Place, body: Fields): Answer {
	const meta = rec(body['metadata']);
	const name =
		str(meta['name']) ||
		`${str(meta['generateName'])}${Math.floor(process.random() * 36 ** 5)
			.toString(36)
			.padStart(5, '0')}`;
	const key = `${place.resource}/${place.namespace}/${name}`;
	if (process.data.objects[key] !== undefined) return failed(409, 'AlreadyExists', `${place.resource}.${GROUP} ${JSON.stringify(name)} already exists`);
	if (Object.keys(process.data.objects).length >= OBJECTS_KEPT) return failed(507, 'InternalError', 'etcdserver: mvcc: database space exceeded');
	const uid = Array.from({ length: 4 }, () =>
		Math.floor(process.random() * 0x1_0000_0000)
			.toString(16)
			.padStart(8, '0'),
	).join('');
	const metadata = {
		...meta,
		name,
		...(place.namespace === '' ? {} : { namespace: place.namespace }),
		uid: uid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
		creationTimestamp: formatTime(process.now),
	};
	const shape = { kind: KINDS[place.resource], apiVersion: `${GROUP}/${place.version}`, metadata };
	return ok(put(process, key, place.resource === 'flunders' ? { spec: {}, status: {}, ...body, ...shape } : { ...body, ...shape }), 201);
}

function collection(process: Server, place: Place, method: string, selector: string): Answer {
	const prefix = `${place.resource}/${place.namespace === '' ? '' : `${place.namespace}/`}`;
	const wanted = selector
		.split(',')
		.filter((s) => s !== '')
		.map((s) => s.split(/==?/));
	const chosen = Object.entries(process.data.objects).filter(([key, o]) => {
		const labels = rec(rec(o['metadata'])['labels']);
		return key.startsWith(prefix) && wanted.every(([name = '', value]) => (value === undefined ? name in labels : labels[name] === value));
	});
	if (method === 'DELETE')
		remove(
			process,
			chosen.map(([key]) => key),
		);
	const items = chosen.map(([, o]) => ({ ...o, apiVersion: `${GROUP}/${place.version}` }));
	return ok({
		kind: `${KINDS[place.resource]}List`,
		apiVersion: `${GROUP}/${place.version}`,
		metadata: { resourceVersion: String(process.data.revision) },
		items,
	});
}

function single(process: Server, place: Place, request: HttpRequest): Answer {
	const key = `${place.resource}/${place.namespace}/${place.name}`;
	const held = process.data.objects[key];
	if (held === undefined) return failed(404, 'NotFound', `${place.resource}.${GROUP} ${JSON.stringify(place.name)} not found`);
	if (request.method === 'GET') return ok({ ...held, apiVersion: `${GROUP}/${place.version}` });
	if (request.method === 'DELETE') {
		remove(process, [key]);
		return ok({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: place.name, group: GROUP, kind: place.resource } });
	}
	const body = parsed(request.body);
	if (body === undefined) return failed(400, 'BadRequest', 'the object provided is unrecognized');
	const next = request.method === 'PATCH' ? rec(mergePatch(held, body)) : body;
	return ok(put(process, key, { ...next, metadata: { ...rec(next['metadata']), ...identity(held) } }));
}

/** What no update changes. */
function identity(object: Fields): Fields {
	const { name, namespace, uid, creationTimestamp } = rec(object['metadata']);
	return { name, ...(namespace === undefined ? {} : { namespace }), uid, creationTimestamp };
}

function answer(process: Server, request: HttpRequest): Answer {
	const [path = '/', search = ''] = request.path.split(/\?(.*)/s, 2);
	if (OPEN.includes(path)) return ok('ok');
	// The aggregator says on whose behalf it asks; nobody else is let in.
	if (request.headers['x-remote-user'] === undefined)
		return failed(403, 'Forbidden', `forbidden: User "system:anonymous" cannot ${request.method.toLowerCase()} path ${JSON.stringify(path)}`);
	if (path === '/apis') return ok({ kind: 'APIGroupList', apiVersion: 'v1', groups: [group] });
	if (path === `/apis/${GROUP}`) return ok({ kind: 'APIGroup', apiVersion: 'v1', ...group });
	const version = new RegExp(`^/apis/${GROUP.replaceAll('.', '\\.')}/(\\w+)$`).exec(path)?.[1];
	if (version !== undefined && VERSIONS[version] !== undefined) return resourceList(version);
	const place = placeOf(path);
	if (place === undefined) return failed(404, 'NotFound', 'the server could not find the requested resource');
	if (place.name !== '') return single(process, place, request);
	if (request.method !== 'POST') return collection(process, place, request.method, parseQuery(search)['labelSelector'] ?? '');
	const body = parsed(request.body);
	return body === undefined ? failed(400, 'BadRequest', 'the object provided is unrecognized') : create(process, place, body);
}

export const sampleApiServer: Program<Data> = {
	name: 'kube-sample-apiserver',
	start(process) {
		process.data = { objects: {}, revision: 1 };
		process.usage({ cpuMilli: 5, memoryBytes: 60_000_000 });
		const port = Number(process.argv.find((a) => a.startsWith('--secure-port='))?.split('=')[1] ?? 443);
		if (process.listen(port, { tls: true })) {
			process.stderr(`I       1 secure_serving.go:210] Serving securely on [::]:${port}\n`);
			return;
		}
		process.stderr(`Error: failed to create listener: failed to listen on 0.0.0.0:${port}: listen tcp 0.0.0.0:${port}: bind: permission denied\n`);
		process.exit(1);
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') {
			process.respond(connection.id, { protocol: 'tcp', data: '' });
			return;
		}
		process.spendCpu(1);
		const { status, body } = answer(process, request);
		const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
		const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
		process.respond(connection.id, { protocol: 'http', status, headers: { 'content-type': type }, body: request.method === 'HEAD' ? '' : text });
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(0);
	},
};
