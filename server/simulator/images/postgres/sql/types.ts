/** Types and casts, with PostgreSQL's error texts. */
import type { DataTypeDef } from 'pgsql-ast-parser';
import { formatTime, parseTime } from '../../../kernel/time.ts';
import type { Value } from './catalog.ts';
import { SqlError } from './errors.ts';

const NAMES: { readonly [alias: string]: string } = {
	int: 'integer',
	int4: 'integer',
	integer: 'integer',
	serial: 'integer',
	serial4: 'integer',
	bigint: 'bigint',
	int8: 'bigint',
	bigserial: 'bigint',
	serial8: 'bigint',
	smallint: 'smallint',
	int2: 'smallint',
	smallserial: 'smallint',
	text: 'text',
	name: 'name',
	varchar: 'character varying',
	'character varying': 'character varying',
	char: 'character',
	character: 'character',
	bpchar: 'character',
	bool: 'boolean',
	boolean: 'boolean',
	timestamptz: 'timestamp with time zone',
	'timestamp with time zone': 'timestamp with time zone',
	timestamp: 'timestamp without time zone',
	'timestamp without time zone': 'timestamp without time zone',
	date: 'date',
	time: 'time without time zone',
	interval: 'interval',
	numeric: 'numeric',
	decimal: 'numeric',
	real: 'real',
	float4: 'real',
	float: 'double precision',
	float8: 'double precision',
	'double precision': 'double precision',
	json: 'json',
	jsonb: 'jsonb',
	uuid: 'uuid',
	bytea: 'bytea',
	inet: 'inet',
	regclass: 'regclass',
	oid: 'oid',
};

/** `varchar(20)` → `character varying(20)`; an error for a type that does not exist. */
export function typeName(def: DataTypeDef): string {
	if (def.kind === 'array') return `${typeName(def.arrayOf)}[]`;
	const name = NAMES[def.name.toLowerCase()];
	if (name === undefined) throw new SqlError('42704', `type "${def.name}" does not exist`);
	return def.config === undefined || def.config.length === 0 ? name : `${name}(${def.config.join(',')})`;
}

export const isNumeric = (type: string): boolean => /^(integer|bigint|smallint|numeric|real|double precision|oid)/.test(type);
export const isSerial = (def: DataTypeDef): boolean => def.kind !== 'array' && /^(big|small)?serial\d?$/i.test(def.name);

const INTEGERS: { readonly [type: string]: readonly [number, number] } = {
	smallint: [-32_768, 32_767],
	integer: [-2_147_483_648, 2_147_483_647],
	bigint: [-(2 ** 63), 2 ** 63],
};

/** ms since the epoch → as timestamptz prints in UTC, with the fraction cut as PostgreSQL cuts it. */
export function timestampText(ms: number): string {
	const fraction = String(Math.floor(ms) % 1000)
		.padStart(3, '0')
		.replace(/0+$/, '');
	return `${formatTime(ms).slice(0, -1).replace('T', ' ')}${fraction === '' ? '' : `.${fraction}`}+00`;
}

/** A timestamp's text in any form we know → ms since the epoch. */
export function timestampMs(text: string): number | undefined {
	const m = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text.trim());
	if (m === null) return undefined;
	const zone = m[4] === undefined || m[4].toUpperCase() === 'Z' ? 'Z' : m[4].length === 3 ? `${m[4]}:00` : m[4].replace(/^(...)(\d\d)$/, '$1:$2');
	return parseTime(`${m[1]}T${m[2] ?? '00:00'}${m[3] ?? ':00'}${zone}`);
}

const invalid = (type: string, value: Value): SqlError => new SqlError('22P02', `invalid input syntax for type ${type}: "${value}"`);

function toBoolean(value: Value): boolean {
	if (typeof value === 'boolean') return value;
	if (typeof value === 'number') return value !== 0;
	const text = String(value).trim().toLowerCase();
	if (['t', 'true', 'y', 'yes', 'on', '1'].includes(text)) return true;
	if (['f', 'false', 'n', 'no', 'off', '0'].includes(text)) return false;
	throw invalid('boolean', value);
}

function toInteger(value: Value, type: string): number {
	if (typeof value === 'boolean') return value ? 1 : 0;
	const text = String(value).trim();
	if (typeof value === 'string' && !/^[+-]?\d+$/.test(text)) throw invalid(type, value);
	const number = Math.round(Number(text));
	const [low, high] = INTEGERS[type] ?? [-Infinity, Infinity];
	if (number < low || number > high) {
		throw typeof value === 'string'
			? new SqlError('22003', `value "${value}" is out of range for type ${type}`)
			: new SqlError('22003', `${type} out of range`);
	}
	return number;
}

/** Casts a value to a type as an assignment does. */
export function cast(value: Value, fullType: string): Value {
	if (value === null) return null;
	const m = /^([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?$/.exec(fullType);
	const type = m?.[1] ?? fullType;
	switch (type) {
		case 'integer':
		case 'bigint':
		case 'smallint':
			return toInteger(value, type);
		case 'numeric':
		case 'real':
		case 'double precision': {
			const number = typeof value === 'number' ? value : Number(String(value).trim() === '' ? Number.NaN : value);
			if (Number.isNaN(number)) throw invalid(type, value);
			return m?.[3] === undefined ? number : Number(number.toFixed(Number(m[3])));
		}
		case 'boolean':
			return toBoolean(value);
		case 'timestamp with time zone':
		case 'timestamp without time zone':
		case 'date': {
			const ms = timestampMs(String(value));
			if (ms === undefined) throw invalid(type, value);
			const text = timestampText(ms);
			return type === 'date' ? text.slice(0, 10) : type === 'timestamp with time zone' ? text : text.slice(0, -3);
		}
		case 'json':
		case 'jsonb':
			return toJson(String(value), type);
		case 'uuid':
			if (!/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(String(value))) throw invalid('uuid', value);
			return String(value).toLowerCase();
		default: {
			const text = textOf(value);
			const limit = m?.[2] === undefined ? undefined : Number(m[2]);
			if (limit !== undefined && [...text].length > limit) throw new SqlError('22001', `value too long for type ${fullType}`);
			return text;
		}
	}
}

function toJson(text: string, type: string): string {
	try {
		const value: unknown = JSON.parse(text);
		return type === 'json'
			? text
			: JSON.stringify(value)
					.replace(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ', ')
					.replace(/":(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '": ');
	} catch {
		throw new SqlError('22P02', `invalid input syntax for type ${type}`, `Token "${text}" is invalid.`);
	}
}

/** A value as psql and text casts print it. */
export function textOf(value: Value): string {
	if (value === null) return '';
	if (typeof value === 'boolean') return value ? 't' : 'f';
	return String(value);
}
