/** Horizontal pod autoscalers, autoscaling/v2: `pkg/registry/autoscaling/horizontalpodautoscaler`. */
import type { KubeObject } from '../../types.ts';
import { autoscalingV1 } from './autoscaling-v1.ts';
import { autoscalerErrors } from './autoscaler-validation.ts';
import { defineResource } from '../define.ts';
import { arr, changeField, changePart, type Fields, fill, num, rec, recs, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';

const CPU_AT_80 = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };
const SCALE_UP = {
	stabilizationWindowSeconds: 0,
	selectPolicy: 'Max',
	policies: [
		{ type: 'Pods', value: 4, periodSeconds: 15 },
		{ type: 'Percent', value: 100, periodSeconds: 15 },
	],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/** SetDefaults_HorizontalPodAutoscaler; rules of a behaviour are filled in where one is given. */
function specDefaults(spec: Fields): Fields {
	let s = fill(spec, { minReplicas: 1 });
	if (arr(s.metrics).length === 0) s = { ...s, metrics: [CPU_AT_80] };
	return changeField(s, 'behavior', (b) => ({ ...b, scaleUp: fill(rec(b.scaleUp), SCALE_UP), scaleDown: fill(rec(b.scaleDown), SCALE_DOWN) }));
}

/** One metric as `cpu: 12%/80%`: formatHPAMetrics. */
function metricText(metric: Fields, current: Fields): string {
	const field = metric.type === 'ContainerResource' ? 'containerResource' : str(metric.type).charAt(0).toLowerCase() + str(metric.type).slice(1);
	const wanted = rec(metric[field]);
	const target = rec(wanted.target);
	const now = rec(rec(current[field]).current);
	const name = metric.type === 'Resource' || metric.type === 'ContainerResource' ? `${str(wanted.name)}: ` : '';
	if (target.averageUtilization !== undefined) {
		const seen = now.averageUtilization === undefined ? '<unknown>' : `${num(now.averageUtilization)}%`;
		return `${name}${seen}/${num(target.averageUtilization)}%`;
	}
	if (target.averageValue !== undefined) {
		const average = metric.type === 'Pods' || name !== '' ? '' : ' (avg)';
		return `${name}${str(now.averageValue, '<unknown>')}/${str(target.averageValue)}${average}`;
	}
	return `${name}${str(now.value, '<unknown>')}/${str(target.value)}`;
}

function targets(hpa: KubeObject): string {
	const metrics = recs(specOf(hpa).metrics);
	if (metrics.length === 0) return '<none>';
	const current = recs(statusOf(hpa).currentMetrics);
	const texts = metrics.map((m, i) => metricText(m, current[i] ?? {}));
	return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ');
}

export const horizontalpodautoscalers = defineResource({
	group: 'autoscaling',
	versions: ['v2', 'v1'],
	converted: { v1: autoscalingV1 },
	resource: 'horizontalpodautoscalers',
	kind: 'HorizontalPodAutoscaler',
	validate: (_world, object) => autoscalerErrors(object),
	validateUpdate: (_world, object) => autoscalerErrors(object),
	shortNames: ['hpa'],
	categories: ['all'],
	subresources: ['status'],
	newStatus: { currentMetrics: null, desiredReplicas: 0 },
	defaults: (hpa) => changePart(hpa, 'spec', specDefaults),
	indexes: {
		byTarget: (hpa) => {
			const ref = rec(specOf(hpa).scaleTargetRef);
			return [`${hpa.metadata.namespace ?? ''}/${str(ref.kind)}/${str(ref.name)}`];
		},
	},
	table: table(['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods:integer', 'Replicas:integer', 'Age'], (world, hpa) => {
		const spec = specOf(hpa);
		const ref = rec(spec.scaleTargetRef);
		return [
			hpa.metadata.name,
			`${str(ref.kind)}/${str(ref.name)}`,
			targets(hpa),
			spec.minReplicas === undefined ? '<unset>' : String(num(spec.minReplicas)),
			num(spec.maxReplicas),
			num(statusOf(hpa).currentReplicas),
			age(world, hpa),
		];
	}),
});
