/** Conformance area "apps". */
import './apps/disruption.ts';
import './apps/jobs.ts';
import './apps/revisions.ts';
import './apps/stateful.ts';
import './apps/workloads.ts';
import { area } from './spec.ts';

area('apps');
