/** AdmissionReview: the question and what is taken for an answer (`webhook/request/admissionreview.go`). */
import { fromBase64 } from '../../base64.ts';
import { type Fields, isRecord, rec, str, strs } from '../../registry/fields.ts';
import { type Attributes, requestData } from '../policy/attributes.ts';
import { parsed } from './call.ts';

const GROUP = 'admission.k8s.io';

/** The version of AdmissionReview that the webhook knows and we do: v1 before v1beta1 only where it says so. */
export const reviewVersion = (webhook: Fields): string => strs(webhook.admissionReviewVersions).find((v) => v === 'v1' || v === 'v1beta1') ?? 'v1';

export function reviewOf(version: string, uid: string, attributes: Attributes, matched: Attributes): unknown {
	return {
		kind: 'AdmissionReview',
		apiVersion: `${GROUP}/${version}`,
		request: { uid, ...requestData(attributes, matched), object: matched.object ?? null, oldObject: matched.old ?? null },
	};
}

export interface Verdict {
	readonly allowed: boolean;
	readonly result: Fields | undefined;
	readonly patch: readonly unknown[];
	readonly warnings: readonly string[];
	readonly annotations: { readonly [key: string]: unknown };
}

/** What a webhook answered, or what is wrong with it. */
export function verdictOf(body: string, version: string, uid: string, mutating: boolean): Verdict | { readonly error: string } {
	const invalid = (why: string): { readonly error: string } => ({ error: `received invalid webhook response: ${why}` });
	const review = parsed(body);
	if (!isRecord(review)) return { error: `failed to call webhook: ${unreadable(body)}` };
	const { response, kind, apiVersion } = review;
	if (!isRecord(response)) return invalid('webhook response was absent');
	if (version === 'v1') {
		if (response.uid !== uid) return invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(str(response.uid))}`);
		const is = `${str(apiVersion)}, Kind=${str(kind)}`;
		const wanted = `${GROUP}/v1, Kind=AdmissionReview`;
		if (is !== wanted) return invalid(`expected webhook response of ${wanted}, got ${is}`);
	}
	const wrong = version === 'v1' ? patchFault(response, mutating) : undefined;
	if (wrong !== undefined) return invalid(wrong);
	const patch = str(response.patch) === '' ? [] : parsed(fromBase64(str(response.patch)) ?? '');
	if (!Array.isArray(patch)) return { error: 'received undecodable patch in webhook response: invalid JSON Patch' };
	return {
		allowed: response.allowed === true,
		result: isRecord(response.status) ? response.status : undefined,
		patch,
		warnings: strs(response.warnings),
		annotations: rec(response.auditAnnotations),
	};
}

function unreadable(body: string): string {
	const first = body.trim().slice(0, 1);
	const why = first === '' ? 'unexpected end of JSON input' : `invalid character '${first}' looking for beginning of value`;
	return `couldn't get version/kind; json parse error: ${why}`;
}

function patchFault(response: Fields, mutating: boolean): string | undefined {
	const [patch, type] = [str(response.patch), response.patchType];
	if (!mutating) {
		if (patch !== '') return 'validating webhook may not return response.patch';
		return type === undefined || type === null ? undefined : 'validating webhook may not return response.patchType';
	}
	if (patch !== '' && (type === undefined || type === null)) return 'webhook returned response.patch but not response.patchType';
	if (patch === '' && type !== undefined && type !== null) return 'webhook returned response.patchType but not response.patch';
	return type === undefined || type === null || type === 'JSONPatch' ? undefined : `webhook returned invalid response.patchType of ${JSON.stringify(type)}`;
}
