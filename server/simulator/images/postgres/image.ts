import type { Image } from '../program.ts';
export const postgresImages: readonly Image[] = [];
