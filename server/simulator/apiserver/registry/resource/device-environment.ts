/** What CEL selectors of devices see: one variable, `device` (k8s.io/dynamic-resource-allocation/cel). */
import type { Environment } from '../../cel/environment.ts';
import { DYN } from '../../cel/types.ts';

export const DEVICE_ENVIRONMENT: Environment = { variables: { device: DYN } };
