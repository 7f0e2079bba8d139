import type { Image } from '../program.ts';
export const curlImages: readonly Image[] = [];
