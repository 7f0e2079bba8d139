import type { Image } from '../program.ts';
export const busyboxImages: readonly Image[] = [];
