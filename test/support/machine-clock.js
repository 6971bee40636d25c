/**
 * Preloaded into a child process (`node --import`): its wall clock (`Date`) can be set by its parent, as an administrator
 * or a time server would set the machine's. Timers and the monotonic clock run on, as they do there.
 * Without its parent it ends: a test run that is killed leaves no product behind.
 */
const RealDate = Date;
const real = RealDate.now;
let ahead = Number(process.env.TEST_CLOCK_AHEAD_MS ?? 0);

RealDate.now = () => real() + ahead;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [RealDate.now()] : args, made),
});

process.on('message', (/** @type {{ ahead: number }} */ message) => {
  ahead = message.ahead;
  process.send?.({ clockSet: ahead });
});
process.on('disconnect', () => process.exit(1));
// The product decides when it ends, not this channel.
process.channel?.unref();
