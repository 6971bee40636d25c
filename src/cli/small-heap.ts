import v8 from 'node:v8';

/**
 * How far the heap may outgrow what is in use before it is collected, in percent. V8's own measure grows with the load, to
 * 300: ten thousand requests leave 200 MB that are nearly all garbage, and are not given back.
 */
const GROWTH_PERCENT = 40;
/** Both halves of the young generation together, in bytes: V8 would go on to 32 MB. */
const YOUNG_BYTES = 8 * 1024 * 1024;
/** V8 begins with a megabyte in each half. */
const TIMES = YOUNG_BYTES / 2 / (1024 * 1024);
/** V8 grows the young generation when a megabyte or two have survived in it. This is many times that. */
const MOST_FILLING = 200_000;

/**
 * Trades a little of the processor for a small heap and short pauses. To be called before anything else is loaded.
 *
 * The young generation is copied while everything waits, acknowledgements to Slack among them: at its full size that takes
 * up to 10 ms each time. `--max-semi-space-size` would be the plain way to say it, but only where the process is started,
 * and each way of starting it would have to. So it is grown once, to the size wanted, and then told not to grow again.
 *
 * NB. flags that a V8 does not know are ignored: then it takes more memory, and works.
 */
export function keepHeapSmall(): void {
  v8.setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  v8.setFlagsFromString(`--semi-space-growth-factor=${TIMES}`);
  const filling: object[] = [];
  while (youngBytes() < YOUNG_BYTES && filling.length < MOST_FILLING) {
    for (let count = 0; count < 1_000; count++) filling.push({ count });
  }
  stopGrowing();
  // NB. a new thread's isolate sets the factor to 2 again, which is V8's least, and for all isolates of the process.
  process.on('worker', (thread) => thread.once('online', stopGrowing));
}

const stopGrowing = () => v8.setFlagsFromString('--semi-space-growth-factor=1');

/** What the young generation has of the address space; it is used as needed. */
export const youngBytes = (): number =>
  v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? YOUNG_BYTES;
