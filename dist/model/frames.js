/** Frames and results as they travel in batches: flat typed arrays that cross threads without copying a field at a time. */
/** Verdict of `model/health` on one signal of one frame. */
export const healthStates = ['pass', 'missing', 'out-of-range', 'spike', 'flat-line'];
/** What the asset is doing, as far as scoring cares. */
export const modes = ['warm-up', 'steady', 'no-data'];
/** Index of each mode in `modes`, as results carry it. */
export const modeCode = Object.fromEntries(modes.map((mode, i) => [mode, i]));
//# sourceMappingURL=frames.js.map