/** Conformance area "node" (with "common"): what kubelets do with pods. */
import './node/containers.ts';
import './node/objects.ts';
import './node/pods.ts';
import './node/probes.ts';
import './node/volumes.ts';
import { area } from './spec.ts';

area('node');
