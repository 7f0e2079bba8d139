/** The plugins of the default profile, in the order in which they run (apis/config/v1/default_plugins.go). */
import type { Plugin } from '../framework.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalanced, nodeResourcesFit } from './node-resources.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeZone } from './volume-zone.ts';

export const PLUGINS: readonly Plugin[] = [
	nodeUnschedulable,
	nodeName,
	taintToleration,
	nodeAffinity,
	nodePorts,
	nodeResourcesFit,
	volumeBinding,
	volumeZone,
	podTopologySpread,
	interPodAffinity,
	dynamicResources,
	nodeResourcesBalanced,
];
