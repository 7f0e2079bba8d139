/** `POST …/infer`: a body against the model's configuration, and what comes out. Models core's infer_request.cc and the server's http_server.cc. */
import { TRITON_LIMITS } from '../../limits.ts';
import { hash } from '../vllm/tokens.ts';
import type { ModelConfig, Tensor } from './config.ts';

export interface Inference {
	readonly batch: number;
	readonly requestId: string;
	readonly answer: string;
}

interface Given {
	readonly name: string;
	readonly datatype: string;
	readonly shape: readonly number[];
	readonly data: readonly (string | number | boolean)[];
}

const elements = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

function flatten(data: unknown, out: (string | number | boolean)[]): boolean {
	if (Array.isArray(data)) return data.every((d) => flatten(d, out));
	if (typeof data !== 'string' && typeof data !== 'number' && typeof data !== 'boolean') return false;
	out.push(data);
	return out.length <= TRITON_LIMITS.tensorElements;
}

function givenOf(value: unknown): Given | { readonly error: string } {
	const { name, datatype, shape, data } = (value ?? {}) as { readonly [field: string]: unknown };
	if (typeof name !== 'string') return { error: "Unable to parse 'inputs': attempt to access non-existing object member 'name'" };
	if (!Array.isArray(shape) || shape.some((d) => !Number.isInteger(d) || d < 0))
		return { error: "Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer" };
	if (typeof datatype !== 'string') return { error: "Unable to parse 'inputs': attempt to access non-existing object member 'datatype'" };
	const flat: (string | number | boolean)[] = [];
	if (data === undefined) return { error: `must specify 'data' field or 'binary_data_size' parameter for input '${name}'` };
	if (!flatten(data, flat))
		return {
			error:
				flat.length > TRITON_LIMITS.tensorElements
					? `input '${name}' has more than ${TRITON_LIMITS.tensorElements} elements`
					: "Unable to parse 'data': attempt to access JSON non-number as number",
		};
	if (flat.length !== elements(shape as number[])) return { error: "Unable to parse 'data': Shape does not match true shape of 'data' field" };
	return { name, datatype, shape: shape as number[], data: flat };
}

/** Reads and checks a body; `error` is the `error` of a 400. */
export function readInference(c: ModelConfig, version: number, text: string): Inference | { readonly error: string } {
	let body: { readonly id?: unknown; readonly inputs?: unknown; readonly outputs?: unknown };
	try {
		body = JSON.parse(text) as typeof body;
	} catch {
		return { error: `failed to parse the request JSON buffer: ${text.trim() === '' ? 'The document is empty. at 0' : 'Invalid value. at 0'}` };
	}
	if (body === null || typeof body !== 'object' || !Array.isArray(body.inputs))
		return { error: "Unable to parse 'inputs': attempt to access non-existing object member 'inputs'" };
	const requestId = typeof body.id === 'string' ? body.id : '';
	const about = `[request id: ${requestId === '' ? '<id_unknown>' : requestId}] `;
	const inputs: Given[] = [];
	for (const value of body.inputs as readonly unknown[]) {
		const given = givenOf(value);
		if ('error' in given) return given;
		inputs.push(given);
	}
	const wrong = inputFault(c, inputs);
	if (wrong !== undefined) return { error: `${about}${wrong}` };
	const wanted = Array.isArray(body.outputs) ? (body.outputs as readonly { readonly name?: unknown }[]).map((o) => String(o?.name ?? '')) : [];
	const stray = wanted.find((w) => c.outputs.every((o) => o.name !== w));
	if (stray !== undefined) return { error: `${about}unexpected inference output '${stray}' for model '${c.name}'` };
	const batch = c.maxBatchSize > 0 ? (inputs[0]?.shape[0] ?? 1) : 1;
	const outputs = c.outputs.filter((o) => wanted.length === 0 || wanted.includes(o.name)).map((o) => outputOf(c, o, inputs, batch));
	return {
		batch,
		requestId,
		answer: JSON.stringify({ ...(requestId === '' ? {} : { id: requestId }), model_name: c.name, model_version: String(version), outputs }),
	};
}

function inputFault(c: ModelConfig, inputs: readonly Given[]): string | undefined {
	const names = inputs.map((i) => i.name);
	const required = c.inputs.filter((i) => !i.optional);
	const missing = required.filter((i) => !names.includes(i.name));
	const list = (all: readonly string[]): string => all.map((n) => `'${n}'`).join(',');
	const stray = inputs.find((i) => c.inputs.every((t) => t.name !== i.name));
	if (stray !== undefined) return `unexpected inference input '${stray.name}' for model '${c.name}'`;
	if (missing.length > 0)
		return `expected ${c.inputs.length} inputs but got ${inputs.length} inputs for model '${c.name}'. Got input(s) [${list(names)}], but missing required input(s) [${list(missing.map((m) => m.name))}]. Please provide all required input(s).`;
	let batch: number | undefined;
	for (const given of inputs) {
		const t = c.inputs.find((own) => own.name === given.name);
		if (t === undefined) continue;
		if (given.datatype !== t.dataType) return `inference input '${t.name}' data-type is '${given.datatype}', but model '${c.name}' expects '${t.dataType}'`;
		const own = c.maxBatchSize > 0 ? given.shape.slice(1) : given.shape;
		if (c.maxBatchSize > 0) {
			const [size = 0] = given.shape;
			if (given.shape.length === t.dims.length + 1 && size < 1) return `inference request batch-size must be > 0 for '${c.name}'`;
			if (given.shape.length === t.dims.length + 1 && size > c.maxBatchSize) return `inference request batch-size must be <= ${c.maxBatchSize} for '${c.name}'`;
			if (batch !== undefined && batch !== size) return `input '${t.name}' batch size does not match other inputs for '${c.name}'`;
			batch = size;
		}
		if (own.length !== t.dims.length || own.some((d, i) => t.dims[i] !== -1 && t.dims[i] !== d)) {
			const note =
				c.maxBatchSize > 0
					? ' NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.'
					: '';
			return `unexpected shape for input '${t.name}' for model '${c.name}'. Expected ${shapeText(c.maxBatchSize > 0 ? [-1, ...t.dims] : t.dims)}, got ${shapeText(given.shape)}.${note}`;
		}
	}
	return undefined;
}

/**
 * What a network answers: sum and difference for the examples' `OUTPUT0` and `OUTPUT1` of two equal inputs, an input of the same type and
 * size as it came, else numbers that follow from name and inputs.
 */
function outputOf(
	c: ModelConfig,
	o: Tensor,
	inputs: readonly Given[],
	batch: number,
): { readonly name: string; readonly datatype: string; readonly shape: readonly number[]; readonly data: readonly unknown[] } {
	const [first, second] = inputs;
	const open = first === undefined ? [] : c.maxBatchSize > 0 ? first.shape.slice(1) : first.shape;
	const own = o.dims.map((d, i) => (d === -1 ? (open.length === o.dims.length ? (open[i] ?? 1) : 1) : d));
	const shape = c.maxBatchSize > 0 ? [batch, ...own] : own;
	const size = Math.min(elements(shape), TRITON_LIMITS.tensorElements);
	const plain = { name: o.name, datatype: o.dataType, shape };
	const numeric = o.dataType !== 'BYTES' && o.dataType !== 'BOOL';
	if (inputs.length === 2 && numeric && first?.data.length === size && second?.data.length === size && /^OUTPUT[01]$/.test(o.name)) {
		const sign = o.name === 'OUTPUT0' ? 1 : -1;
		return { ...plain, data: first.data.map((x, i) => Number(x) + sign * Number(second.data[i] ?? 0)) };
	}
	const same = inputs.find((i) => i.datatype === o.dataType && i.data.length === size);
	if (same !== undefined) return { ...plain, data: same.data };
	const seed = hash(`${c.name}/${o.name}/${first?.data.slice(0, 64).join(',') ?? ''}`);
	const float = /^(FP|BF)/.test(o.dataType);
	return {
		...plain,
		data: Array.from({ length: size }, (_, i) => {
			const x = hash(String(i), seed) / 4_294_967_296;
			if (o.dataType === 'BYTES') return `result ${i}`;
			if (o.dataType === 'BOOL') return x > 0.5;
			return float ? Number((x * 2 - 1).toPrecision(7)) : Math.floor(x * 100);
		}),
	};
}
