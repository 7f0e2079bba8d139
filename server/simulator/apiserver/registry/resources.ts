/** The table of resources: what this API server serves, in the order in which discovery lists it. */
import type { Services } from '../../services.ts';
import type { Strategy } from '../types.ts';
import { apiservices } from './apiregistration/apiservices.ts';
import {
	mutatingadmissionpolicies,
	mutatingadmissionpolicybindings,
	validatingadmissionpolicies,
	validatingadmissionpolicybindings,
} from './admissionregistration/policies.ts';
import { mutatingwebhookconfigurations, validatingwebhookconfigurations } from './admissionregistration/webhooks.ts';
import { customresourcedefinitions } from './apiextensions/customresourcedefinitions.ts';
import { controllerrevisions } from './apps/controllerrevisions.ts';
import { daemonsets } from './apps/daemonsets.ts';
import { deployments } from './apps/deployments.ts';
import { replicasets } from './apps/replicasets.ts';
import { statefulsets } from './apps/statefulsets.ts';
import { horizontalpodautoscalers } from './autoscaling/horizontalpodautoscalers.ts';
import { cronjobs } from './batch/cronjobs.ts';
import { jobs } from './batch/jobs.ts';
import { leases } from './coordination/leases.ts';
import { authorizationReviews } from './authorization/reviews.ts';
import { selfsubjectreviews, tokenreviews } from './authentication/reviews.ts';
import { certificatesigningrequests } from './certificates/certificatesigningrequests.ts';
import { bindings } from './core/bindings.ts';
import { componentstatuses } from './core/componentstatuses.ts';
import { configmaps } from './core/configmaps.ts';
import { endpoints } from './core/endpoints.ts';
import { events } from './core/events.ts';
import { limitranges } from './core/limitranges.ts';
import { namespaces } from './core/namespaces.ts';
import { nodesResource } from './core/nodes.ts';
import { persistentvolumeclaims } from './core/persistentvolumeclaims.ts';
import { persistentvolumes } from './core/persistentvolumes.ts';
import { pods } from './core/pods.ts';
import { podtemplates } from './core/podtemplates.ts';
import { replicationcontrollers } from './core/replicationcontrollers.ts';
import { resourcequotas } from './core/resourcequotas.ts';
import { secrets } from './core/secrets.ts';
import { serviceaccounts } from './core/serviceaccounts.ts';
import { servicesResource } from './core/services.ts';
import { endpointslices } from './discovery/endpointslices.ts';
import { newerEvents } from './events/events.ts';
import { flowschemas } from './flowcontrol/flowschemas.ts';
import { prioritylevelconfigurations } from './flowcontrol/prioritylevelconfigurations.ts';
import { metricsResources } from './metrics/metrics.ts';
import { ingressclasses } from './networking/ingressclasses.ts';
import { ingresses } from './networking/ingresses.ts';
import { ipaddresses } from './networking/ipaddresses.ts';
import { networkpolicies } from './networking/networkpolicies.ts';
import { servicecidrs } from './networking/servicecidrs.ts';
import { runtimeclasses } from './node/runtimeclasses.ts';
import { poddisruptionbudgets } from './policy/poddisruptionbudgets.ts';
import { clusterrolebindings, clusterroles, rolebindings, roles } from './rbac/roles.ts';
import { deviceclasses } from './resource/deviceclasses.ts';
import { resourceclaims } from './resource/resourceclaims.ts';
import { resourceclaimtemplates } from './resource/resourceclaimtemplates.ts';
import { resourceslices } from './resource/resourceslices.ts';
import { priorityclasses } from './scheduling/priorityclasses.ts';
import { csidrivers } from './storage/csidrivers.ts';
import { csinodes } from './storage/csinodes.ts';
import { csistoragecapacities } from './storage/csistoragecapacities.ts';
import { storageclasses } from './storage/storageclasses.ts';
import { volumeattachments } from './storage/volumeattachments.ts';
import { volumeattributesclasses } from './storage/volumeattributesclasses.ts';

/** Every resource's strategy. Those that reach other rooms do so through `services`, when they are called. */
export function resources(services: Services): readonly Strategy[] {
	const pod = pods(services);
	return [
		bindings(services, pod),
		componentstatuses,
		configmaps,
		endpoints,
		events,
		limitranges,
		namespaces,
		nodesResource(services),
		persistentvolumeclaims,
		persistentvolumes,
		pod,
		podtemplates,
		replicationcontrollers,
		resourcequotas,
		secrets,
		serviceaccounts(services),
		servicesResource(services),
		apiservices,
		controllerrevisions,
		daemonsets,
		deployments,
		replicasets,
		statefulsets,
		selfsubjectreviews,
		tokenreviews,
		...authorizationReviews,
		horizontalpodautoscalers,
		cronjobs,
		jobs,
		certificatesigningrequests,
		leases,
		endpointslices,
		newerEvents,
		...metricsResources(services),
		flowschemas,
		prioritylevelconfigurations,
		ingressclasses,
		ingresses,
		ipaddresses,
		networkpolicies,
		servicecidrs,
		runtimeclasses,
		poddisruptionbudgets,
		clusterrolebindings,
		clusterroles,
		rolebindings,
		roles,
		deviceclasses,
		resourceclaims,
		resourceclaimtemplates,
		resourceslices,
		priorityclasses,
		csidrivers,
		csinodes,
		csistoragecapacities,
		storageclasses,
		volumeattachments,
		volumeattributesclasses,
		mutatingadmissionpolicies,
		mutatingadmissionpolicybindings,
		mutatingwebhookconfigurations,
		validatingadmissionpolicies,
		validatingadmissionpolicybindings,
		validatingwebhookconfigurations,
		customresourcedefinitions,
	];
}
