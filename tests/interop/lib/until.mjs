// Waiting on conditions with a deadline, never for a fixed time.
const pause_ms = 20;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The first truthy value that `condition` gives. After `limit_ms` an error says what was waited
 * for and what was seen last (a value, or the message of what it threw).
 */
export async function until(what, condition, limit_ms = 30000, every_ms = pause_ms) {
  const deadline = Date.now() + limit_ms;
  let seen;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      seen = value;
    } catch (error) {
      seen = error.message;
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${limit_ms} ms: ${what} (last: ${JSON.stringify(seen)})`);
    }
    await pause(every_ms);
  }
}

/** What `promise` gives, or an error that says what did not come within `limit_ms`. */
export async function within(what, promise, limit_ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limit_ms} ms: ${what}`)), limit_ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
