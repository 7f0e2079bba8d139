/** The ranges that cluster IPs may come from: the server's own and those of further ServiceCIDRs (`ipallocator/cidrallocator.go`). */
import type { World } from '../../../kernel/world.ts';
import { type ServiceRange, serviceRange } from '../../profile.ts';
import { specOf, strs } from '../fields.ts';
import { listObjects } from '../store.ts';
import { servicecidrs } from './servicecidrs.ts';

function numberOf(address: string): number | undefined {
	const parts = address.split('.').map(Number);
	return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

/** An IPv4 range out of its text; undefined for another family's. */
export function rangeOf(cidr: string): ServiceRange | undefined {
	const [address = '', bits = ''] = cidr.split('/');
	const base = numberOf(address);
	return base === undefined ? undefined : { cidr, base, size: 2 ** (32 - Number(bits)) };
}

/** Whether an IPv4 address lies in the range. */
export function inRange({ base, size }: ServiceRange, address: string): boolean {
	const n = numberOf(address);
	return n !== undefined && n >= base && n < base + size;
}

/** The server's own range first. One that is being deleted gives no addresses any more. */
export function serviceRanges(world: World): readonly ServiceRange[] {
	const own = serviceRange(world);
	const out = [own];
	for (const object of listObjects(world, servicecidrs)) {
		if (object.metadata.deletionTimestamp !== undefined) continue;
		for (const cidr of strs(specOf(object).cidrs)) {
			const range = cidr === own.cidr ? undefined : rangeOf(cidr);
			if (range !== undefined) out.push(range);
		}
	}
	return out;
}
