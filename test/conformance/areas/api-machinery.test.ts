/** Conformance area "api-machinery". */
import './api-machinery/aggregation.ts';
import './api-machinery/collection.ts';
import './api-machinery/conversion.ts';
import './api-machinery/definitions.ts';
import './api-machinery/discovery.ts';
import './api-machinery/fields.ts';
import './api-machinery/quota.ts';
import './api-machinery/watches.ts';
import './api-machinery/webhooks.ts';
import { area } from './spec.ts';

area('api-machinery');
