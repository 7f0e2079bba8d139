import type { GradeLab } from './grade.types.ts';

export const gradeLab: GradeLab = async () => {
	throw new Error('being built');
};
