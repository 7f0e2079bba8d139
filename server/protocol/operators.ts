/** How a command finds the server that runs on its data folder. */
import { z } from 'zod';

/** Written while a server runs, readable by its account alone. */
export const operatorDoorPath = (data: string): string => `${data}/operators.json`;

export const operatorDoorSchema = z.object({ pid: z.number().int(), port: z.number().int(), token: z.string() });
export type OperatorDoor = z.infer<typeof operatorDoorSchema>;
