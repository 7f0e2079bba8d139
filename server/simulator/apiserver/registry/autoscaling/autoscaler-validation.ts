/** Rules for autoscalers: `pkg/apis/autoscaling/validation/validation.go`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, isRecord, num, rec, recs, specOf, str } from '../fields.ts';

const METRICS: { readonly [type: string]: string } = {
	ContainerResource: 'containerResource',
	External: 'external',
	Object: 'object',
	Pods: 'pods',
	Resource: 'resource',
};

function targetErrors(target: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const type = str(target.type);
	if (type === '') out.push(requiredValue(`${field}.type`, 'must specify a metric target type'));
	else if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
		out.push(invalidValue(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'));
	}
	if (typeof target.averageUtilization === 'number' && target.averageUtilization < 1) {
		out.push(invalidValue(`${field}.averageUtilization`, target.averageUtilization, 'must be greater than 0'));
	}
	return out;
}

function metricErrors(metric: Fields, field: string): readonly FieldError[] {
	const type = str(metric.type);
	if (type === '') return [requiredValue(`${field}.type`, 'must specify a metric source type')];
	const part = METRICS[type];
	if (part === undefined) return [notSupportedValue(`${field}.type`, type, Object.keys(METRICS))];
	const source = metric[part];
	if (!isRecord(source)) return [requiredValue(`${field}.${part}`, 'must populate information for the given metric source')];
	const out = [...targetErrors(rec(source.target), `${field}.${part}.target`)];
	const others = Object.values(METRICS).filter((p) => p !== part && isRecord(metric[p]));
	for (const other of others) out.push(forbiddenValue(`${field}.${other}`, 'must populate the given metric source only'));
	if (part === 'resource') {
		const target = rec(source.target);
		if (str(source.name) === '') out.push(requiredValue(`${field}.${part}.name`, 'must specify a resource name'));
		if (target.averageUtilization === undefined && target.averageValue === undefined) {
			out.push(requiredValue(`${field}.${part}.target.averageUtilization`, 'must set either a target raw value or a target utilization'));
		}
	}
	return out;
}

export function autoscalerErrors(hpa: KubeObject): readonly FieldError[] {
	const spec = specOf(hpa);
	const out: FieldError[] = [];
	const { minReplicas } = spec;
	if (typeof minReplicas === 'number' && minReplicas < 1) out.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
	const max = num(spec.maxReplicas);
	if (max < 1) out.push(invalidValue('spec.maxReplicas', max, 'must be greater than 0'));
	if (typeof minReplicas === 'number' && max < minReplicas) out.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
	const ref = rec(spec.scaleTargetRef);
	for (const field of ['kind', 'name']) if (str(ref[field]) === '') out.push(requiredValue(`spec.scaleTargetRef.${field}`));
	for (const [i, metric] of recs(spec.metrics).entries()) out.push(...metricErrors(metric, `spec.metrics[${i}]`));
	return out;
}
