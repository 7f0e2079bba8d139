/** What image programs see of GPUs and what they say of their use: `process.gpus()` and `process.usage({ gpus })`. */

/** A device that a container was given: a whole card or a MIG instance, in the order of CUDA's device numbers. */
export interface VisibleGpu {
	/** `GPU-…` or `MIG-…`: names the device in `GpuUse`. */
	readonly uuid: string;
	/** CUDA's name: `NVIDIA L4`, `NVIDIA A100-SXM4-80GB MIG 3g.40gb`. `findGpu` of `serving/hardware.ts` takes it. */
	readonly name: string;
	/** `8.9`. */
	readonly computeCapability: string;
	/** What `torch.cuda.get_device_properties().total_memory` says. */
	readonly totalBytes: number;
	/** Of these, what others hold at this moment (time-slicing, MPS), and this container's other processes. */
	readonly usedBytes: number;
	/** Set on a MIG instance. */
	readonly profile?: string;
	/** Containers that share the device at present, this one included: 1 where it is not shared. */
	readonly sharers: number;
	/** What the other sharers do with the device at present, the sum of their `util`s: turns are lost only to those who have work. */
	readonly othersUtil: number;
	/** How sharers share: one after the other, or at once with a fixed part of memory and threads each. */
	readonly sharing: 'none' | 'time-slicing' | 'mps';
	/** The Xid that took the device out: every CUDA call on it fails. */
	readonly xid?: number;
}

/** What a process does with one device from now on, until it says otherwise; shares are 0 to 1, means over about a second. */
export interface GpuUse {
	readonly device: string;
	/** Share of time in which any kernel runs: GPU_UTIL and GR_ENGINE_ACTIVE. Near 1 at batch 1 already. */
	readonly util: number;
	/** Frame buffer held, bytes: weights, KV cache, activations, CUDA context. */
	readonly memoryBytes: number;
	/** Share of tensor-core cycles (PIPE_TENSOR_ACTIVE): achieved FLOP/s by the peak. */
	readonly tensor?: number;
	/** Share of cycles in which memory transfers (DRAM_ACTIVE): achieved bytes/s by the peak. */
	readonly dram?: number;
}

/** A device failed under a process: what `onGpuFault` gets. */
export interface GpuFault {
	readonly device: string;
	readonly xid: number;
	/** CUDA's words: `CUDA error: uncorrectable ECC error encountered`. */
	readonly error: string;
}
