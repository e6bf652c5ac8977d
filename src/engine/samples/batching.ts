/** How many samples to run at once, so that a batch stays short enough to cancel and to watch, but not wastefully so. */

const TARGET_MS = 60;
const LARGEST = 64;

export class BatchSizer {
  #size: number;
  readonly #fixed: boolean;

  /**
   * @param rows samples that a run can make: any number (infinity), as many as the file fixes, or one
   * @param asked as many as a person wants, where any number can be had, whatever they take; 0: as suits the machine
   */
  constructor(rows: number, asked = 0) {
    this.#fixed = Number.isFinite(rows) || asked > 0;
    // A small first batch puts the first pixels on screen early and measures the model.
    this.#size = Number.isFinite(rows) ? rows : asked || 4;
  }

  next(left: number): number {
    return Math.min(this.#size, left);
  }

  /** Learns from a finished batch; doubles or halves only, so that the allocator meets few different shapes. */
  learn(count: number, ms: number): void {
    if (this.#fixed || count < this.#size) return;
    if (ms < TARGET_MS * 0.6 && this.#size < LARGEST) this.#size *= 2;
    else if (ms > TARGET_MS * 1.5 && this.#size > 1) this.#size /= 2;
  }
}
