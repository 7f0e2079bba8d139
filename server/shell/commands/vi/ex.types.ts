/** A command on vi's last line, once it has been read. Rows are from 0. */
export interface Ex {
	readonly from: number;
	readonly to: number;
	/** How many addresses were given. */
	readonly addresses: number;
	readonly bang: boolean;
	readonly argument: string;
}
