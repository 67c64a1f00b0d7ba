// @ts-check
// Long work in pieces, so that the page stays responsive.
const TURN_MS = 12; // of work, before the page gets a turn

// Where there is a scheduler, what a reader waits for goes on before what nobody asked for, such as charts.
const rest = () => globalThis.scheduler?.yield?.() ?? new Promise((turn) => setTimeout(turn));

/**
 * Does `work` for 0, 1, ... count - 1, giving the page a turn in between; false when it was told to stop.
 * @param {number} count
 * @param {(i: number) => unknown} work
 * @param {(done: number) => boolean} proceed
 */
export async function each(count, work, proceed) {
  let began = performance.now();
  for (let i = 0; i < count; i++) {
    if (performance.now() - began > TURN_MS) {
      await rest();
      began = performance.now();
      if (!proceed(i)) return false;
    }
    await work(i);
  }
  return true;
}
