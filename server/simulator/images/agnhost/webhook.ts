/** `agnhost webhook`: the admission webhooks of Kubernetes' own tests over https. Models test/images/agnhost/webhook. */
import { isRecord, rec, recs, str } from '../../apiserver/registry/fields.ts';
import { toBase64 } from '../../apiserver/base64.ts';
import type { Process, Program } from '../program.ts';
import { startTls } from './tls.ts';

type Fields = { readonly [key: string]: unknown };
type Patch = readonly { readonly op: string; readonly path: string; readonly value: unknown }[];
type Verdict = { readonly allowed: boolean; readonly status?: { readonly message: string }; readonly patch?: Patch };

const ALLOWED: Verdict = { allowed: true };
const deny = (message: string): Verdict => ({ allowed: false, status: { message } });
const patched = (patch: Patch): Verdict => ({ allowed: true, patch });
/** `/always-allow-delay-5s` takes its time. */
const DELAY_MS = 5000;

const labelsOf = (object: Fields): Fields => rec(rec(object.metadata).labels);

function addLabel(object: Fields): Verdict {
	const labels = labelsOf(object);
	if (Object.keys(labels).length === 0) return patched([{ op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } }]);
	if (labels['added-label'] === 'yes') return ALLOWED;
	return patched([{ op: labels['added-label'] === undefined ? 'add' : 'replace', path: '/metadata/labels/added-label', value: 'yes' }]);
}

function admitPods(pod: Fields): Verdict {
	let message = '';
	if (labelsOf(pod)['webhook-e2e-test'] === 'webhook-disallow') message += 'the pod contains unwanted label; ';
	for (const c of recs(rec(pod.spec).containers)) if (str(c.name).includes('webhook-disallow')) message += 'the pod contains unwanted container name; ';
	return message === '' ? ALLOWED : deny(message.trim());
}

/** Such a pod's review is never answered. */
const waitsForever = (body: string): boolean => labelsOf(rec(rec(parsed(body).request).object))['webhook-e2e-test'] === 'wait-forever';

function mutatePods(pod: Fields): Verdict {
	if (str(rec(pod.metadata).name) !== 'webhook-to-be-mutated') return ALLOWED;
	const value = [{ image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }];
	return patched([{ op: 'add', path: '/spec/initContainers', value }]);
}

function unwanted(what: string): (object: Fields, request: Fields) => Verdict {
	return (object, request) => (rec(object.data)['webhook-e2e-test'] === 'webhook-disallow' && request.operation !== 'DELETE' ? deny(what) : ALLOWED);
}

function admitCustomResource(object: Fields, request: Fields): Verdict {
	const kept = rec(object.data)['webhook-e2e-test'] === 'webhook-nondeletable' && request.operation === 'DELETE';
	if (kept) return deny('the custom resource cannot be deleted because it contains unwanted key and value');
	return unwanted('the custom resource contains unwanted data')(object, request);
}

function mutateData(object: Fields): Verdict {
	const data = rec(object.data);
	const patch: { op: string; path: string; value: string }[] = [];
	if (data['mutation-start'] === 'yes') patch.push({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' });
	if (data['mutation-stage-1'] === 'yes') patch.push({ op: 'add', path: '/data/mutation-stage-2', value: 'yes' });
	return patch.length === 0 ? ALLOWED : patched(patch);
}

const PATHS: { readonly [path: string]: (object: Fields, request: Fields) => Verdict } = {
	'/always-allow-delay-5s': () => ({ allowed: true, status: { message: 'this webhook allows all requests' } }),
	'/always-deny': () => deny('this webhook denies all requests'),
	'/add-label': addLabel,
	'/pods': admitPods,
	'/pods/attach': (_object, request) => (request.name === 'to-be-attached-pod' ? deny("attaching to pod 'to-be-attached-pod' is not allowed") : ALLOWED),
	'/mutating-pods': mutatePods,
	'/crd': (crd) => (labelsOf(crd)['webhook-e2e-test'] === 'webhook-disallow' ? deny('the crd contains unwanted label') : ALLOWED),
	'/configmaps': unwanted('the configmap contains unwanted key and value'),
	'/mutating-configmaps': mutateData,
	'/custom-resource': admitCustomResource,
	'/mutating-custom-resource': mutateData,
};

function parsed(text: string): Fields {
	try {
		return rec(JSON.parse(text));
	} catch (e) {
		if (e instanceof SyntaxError) return {};
		throw e;
	}
}

function answer(path: string, body: string): string {
	const review = parsed(body);
	const request = rec(review.request);
	const object = isRecord(request.object) ? request.object : rec(request.oldObject);
	const { patch, ...verdict } = PATHS[path]?.(object, request) ?? ALLOWED;
	const response = { uid: str(request.uid), ...verdict, ...(patch === undefined ? {} : { patch: toBase64(JSON.stringify(patch)), patchType: 'JSONPatch' }) };
	return JSON.stringify({ kind: 'AdmissionReview', apiVersion: str(review.apiVersion), response });
}

interface Data {
	readonly waiting: { readonly [connection: string]: string };
}

const reply = (process: Process<Data>, connection: string, body: string, status = 200): void =>
	process.respond(connection, { protocol: 'http', status, headers: { 'content-type': 'application/json' }, body });

export const webhook: Program<Data> = {
	name: 'webhook',
	start(process) {
		process.data = { waiting: {} };
		startTls(process);
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return;
		const path = request.path.split('?', 1)[0] ?? '/';
		if (path === '/readyz') reply(process, connection.id, 'ok');
		else if (!Object.hasOwn(PATHS, path)) reply(process, connection.id, '404 page not found\n', 404);
		else if (path === '/pods' && waitsForever(request.body)) return;
		else if (path !== '/always-allow-delay-5s') reply(process, connection.id, answer(path, request.body));
		else {
			process.data = { ...process.data, waiting: { ...process.data.waiting, [connection.id]: answer(path, request.body) } };
			process.timer(DELAY_MS, connection.id);
		}
	},
	onTimer(process, connection) {
		const { [connection]: body, ...waiting } = process.data.waiting;
		process.data = { ...process.data, waiting };
		if (body !== undefined) reply(process, connection, body);
	},
};
