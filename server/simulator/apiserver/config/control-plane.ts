/**
 * The API server's configuration files. On a kubeadm cluster they lie under /etc/kubernetes on the control plane's node and
 * flags in its static pod name them; here they lie at the same paths among the workstation's files and are read again
 * whenever they are written. A file that can't be read changes nothing: what held before holds on
 * (as with `--encryption-provider-config-automatic-reload`).
 */
import { defineSlice } from '../../kernel/state.ts';
import type { World } from '../../kernel/world.ts';
import { type AuditPolicy, DEFAULT_POLICY, readPolicy } from '../audit/policy.ts';
import { type EncryptionConfig, readEncryptionConfig } from '../encryption/config.ts';
import { readBody } from '../http/body.ts';
import { ApiError } from '../types.ts';

/** `--audit-policy-file` */
export const AUDIT_POLICY_FILE = '/etc/kubernetes/audit-policy.yaml';
/** `--encryption-provider-config` */
export const ENCRYPTION_CONFIG_FILE = '/etc/kubernetes/encryption-config.yaml';

/** The texts that hold; '' for none. */
interface ControlPlane {
	readonly audit: string;
	readonly encryption: string;
}

const controlPlaneSlice = defineSlice<ControlPlane>('controlPlane', { audit: '', encryption: '' });

/** Parsed forms by their text: the text is the state, and every fork that shares it shares its meaning. */
const KEPT = 64;

function remembered<T>(parse: (text: string) => T): (text: string) => T {
	const known = new Map<string, T>();
	return (text) => {
		let found = known.get(text);
		if (found === undefined) {
			found = parse(text);
			if (known.size >= KEPT) known.clear();
			known.set(text, found);
		}
		return found;
	};
}

type Failed = { readonly error: string };

function parsed<T>(text: string, read: (value: unknown) => T | Failed): T | Failed {
	try {
		const body = readBody({ method: 'PUT', url: '', headers: { 'content-type': 'application/yaml' }, body: text });
		return body.error === undefined ? read(body.value) : { error: body.error };
	} catch (e) {
		if (e instanceof ApiError) return { error: e.message };
		throw e;
	}
}

const policyOf = remembered((text) => parsed<AuditPolicy>(text, readPolicy));
const encryptionOf = remembered((text) => parsed<EncryptionConfig>(text, readEncryptionConfig));

/** The policy that holds; the simulator's own where no file says otherwise. */
export function auditPolicy(world: World): { readonly policy: AuditPolicy; readonly own: boolean } {
	const { audit } = world.read(controlPlaneSlice);
	if (audit === '') return { policy: DEFAULT_POLICY, own: false };
	const policy = policyOf(audit);
	return 'error' in policy ? { policy: DEFAULT_POLICY, own: false } : { policy, own: true };
}

/** How resources are encrypted in the store; undefined where they are not. */
export function encryptionConfig(world: World): EncryptionConfig | undefined {
	const { encryption } = world.read(controlPlaneSlice);
	if (encryption === '') return undefined;
	const config = encryptionOf(encryption);
	return 'error' in config ? undefined : config;
}

/** The configuration files' texts as they hold now; '' for none. */
export const controlPlaneTexts = (world: World): { readonly audit: string; readonly encryption: string } => world.read(controlPlaneSlice);

/** What is wrong with a configuration file's content; undefined where it may be used. */
export function controlPlaneFileError(path: string, content: string): string | undefined {
	const read = path === AUDIT_POLICY_FILE ? policyOf(content) : encryptionOf(content);
	return 'error' in read ? read.error : undefined;
}

const quoted = (text: string): string => JSON.stringify(text);

/**
 * Reads one of the files again; `content` undefined where it is gone. Other paths are nothing to it.
 * @returns what the API server logs about it, as a klog line without its head.
 */
export function reloadControlPlaneFile(world: World, path: string, content: string | undefined): string | undefined {
	const text = content === undefined || content.trim() === '' ? '' : content;
	const state = world.read(controlPlaneSlice);
	if (path === AUDIT_POLICY_FILE) {
		const policy = text === '' ? undefined : policyOf(text);
		if (policy !== undefined && 'error' in policy)
			return `"Failed to load audit policy" err=${quoted(`loading audit policy file: failed to load policy from ${quoted(path)}: ${policy.error}`)}`;
		world.write(controlPlaneSlice, { ...state, audit: text });
		return `"Load audit policy rules success" file=${quoted(path)} rules=${policy === undefined ? 0 : policy.rules.length}`;
	}
	if (path === ENCRYPTION_CONFIG_FILE) {
		const config = text === '' ? undefined : encryptionOf(text);
		if (config !== undefined && 'error' in config) return `"failed to process new encryption config" err=${quoted(config.error)}`;
		world.write(controlPlaneSlice, { ...state, encryption: text });
		return `"Loaded new encryption config content" name="encryption-config" file=${quoted(path)}`;
	}
	return undefined;
}
