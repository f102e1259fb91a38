// Chance from a seed: the same seed draws the same plan. What the kernel and the processes make of
// it is theirs; a failing seed is likely to fail again, not certain to.

/** Mulberry32: small, and good enough to draw plans with. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  fraction() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low, high) {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(share) {
    return this.fraction() < share;
  }

  of(list) {
    return list[this.between(0, list.length - 1)];
  }

  /** A generator of its own, so that what one part draws does not move what another does. */
  fork() {
    return new Random(this.between(0, 0xffffffff));
  }
}
