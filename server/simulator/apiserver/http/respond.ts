/** Results as HTTP answers, in the form that was asked for. */
import { stringify } from 'yaml';
import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import { badRequest } from '../errors.ts';
import { type IncludeObject, partialMetadata, tableOf } from '../table.ts';
import type { ApiResult, KubeObject, Strategy } from '../types.ts';
import type { ApiResponse } from '../wire.ts';
import type { Accepted } from './accept.ts';

/** A `Warning` header's value: code 299, no agent (`net.NewWarningHeader`). */
function warningHeader(warnings: readonly string[]): string {
	return warnings
		.map(
			(w) =>
				`299 - "${w
					.replaceAll('\\', '\\\\')
					.replaceAll('"', '\\"')
					.replaceAll(/[\u0000-\u001f\u007f]/g, ' ')}"`,
		)
		.join(', ');
}

export function jsonAnswer(status: number, json: unknown, headers: { readonly [name: string]: string } = {}): ApiResponse {
	return { status, headers: { 'content-type': 'application/json', ...headers }, json };
}

export function textAnswer(status: number, text: string): ApiResponse {
	return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, text };
}

export interface Shape {
	readonly accepted: Accepted;
	readonly includeObject: IncludeObject;
	readonly strategy: Strategy | undefined;
}

export function includeObjectOf(values: readonly string[] | undefined): IncludeObject {
	const value = values?.[0] ?? '';
	if (value === '' || value === 'Metadata') return 'Metadata';
	if (value === 'None' || value === 'Object') return value;
	throw badRequest(`Invalid value: ${JSON.stringify(value)}: includeObject must be one of ["", "None", "Metadata", "Object"]`);
}

export function respond(world: World, result: ApiResult, shape: Shape): ApiResponse {
	const warnings: { readonly [name: string]: string } =
		result.warnings === undefined || result.warnings.length === 0 ? {} : { warning: warningHeader(result.warnings) };
	if (result.watch !== undefined) return watchAnswer(result.watch, shape, warnings);
	if (result.stream !== undefined) return { status: result.code, headers: { 'content-type': 'text/plain' }, stream: result.stream };
	if (result.text !== undefined) return { status: result.code, headers: { 'content-type': 'text/plain', ...warnings }, text: result.text };
	const body = result.code < 400 ? shaped(world, result.body, shape) : result.body;
	if (shape.accepted.format === 'yaml')
		return { status: result.code, headers: { 'content-type': 'application/yaml', ...warnings }, text: stringify(body, { version: '1.1' }) };
	const retry = isRecord(result.body) && isRecord(result.body['details']) ? result.body['details']['retryAfterSeconds'] : undefined;
	return jsonAnswer(result.code, body, { ...warnings, ...(typeof retry === 'number' ? { 'retry-after': String(retry) } : {}) });
}

function watchAnswer(watch: NonNullable<ApiResult['watch']>, { accepted, includeObject }: Shape, warnings: { readonly [name: string]: string }): ApiResponse {
	const asPartial = accepted.as === 'PartialObjectMetadata' || accepted.as === 'PartialObjectMetadataList';
	return {
		status: 200,
		headers: { 'content-type': 'application/json', ...warnings },
		watch: { ...watch, asTable: accepted.as === 'Table', includeObject, ...(asPartial ? { asPartial } : {}) },
	};
}

/** The body as Table or metadata where that was asked for; a Status or a foreign kind stays what it is. */
function shaped(world: World, body: unknown, { accepted, strategy, includeObject }: Shape): unknown {
	if (accepted.as === undefined || strategy === undefined || !isRecord(body)) return body;
	const list = body['kind'] === `${strategy.kind}List`;
	if (!list && body['kind'] !== strategy.kind) return body;
	const metadata = (isRecord(body['metadata']) ? body['metadata'] : {}) as { readonly [k: string]: unknown };
	const objects = list ? (body['items'] as readonly KubeObject[]) : [body as unknown as KubeObject];
	const apiVersion = `meta.k8s.io/${accepted.version ?? 'v1'}`;
	if (accepted.as === 'Table') {
		const meta = list ? metadata : { resourceVersion: metadata['resourceVersion'] };
		return { ...tableOf(world, strategy, objects, meta, includeObject), apiVersion };
	}
	if (list) return { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: objects.map(partialMetadata) };
	return { ...partialMetadata(body as unknown as KubeObject), apiVersion };
}
