import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {import('./workspace.js').Signed} Signed */

/** Timers fire up to this much late; the rest of the way to the planned moment is spent looking at the clock. */
const TIMER_MS = 2;

/** Sends requests over kept connections, as a proxy in front of the product does. */
export class Load {
  #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  /** @type {string} */
  #url;

  /** @param {string} url where the requests go: `http://127.0.0.1:3000/slack/events` */
  constructor(url) {
    this.#url = url;
  }

  /**
   * Open loop: one each `1/rate` seconds, whatever becomes of those before. A time is counted from the moment at which the
   * request was planned, so that what is held up is not left out (no coordinated omission). Each is planned somewhere
   * within its `1/rate` seconds: on a strict beat, what the product does later would meet the next ones always or never.
   *
   * @param {{ rate: number, count: number, next: () => Signed }} plan
   * @returns {Promise<number[]>} milliseconds from plan to answer
   */
  async openLoop({ rate, count, next }) {
    const begin = performance.now() + 50;
    /** @type {Promise<number>[]} */
    const all = [];
    for (let index = 0; index < count; index++) {
      const planned = begin + ((index + Math.random()) * 1_000) / rate;
      const signed = next();
      const wait = planned - performance.now() - TIMER_MS;
      if (wait > 0) await sleep(wait);
      while (performance.now() < planned) await new Promise((resolve) => setImmediate(resolve));
      all.push(this.send(signed).then(() => performance.now() - planned));
    }
    return Promise.all(all);
  }

  /**
   * Closed loop: each caller sends the next one when the last was answered.
   *
   * @param {{ callers: number, count: number, next: () => Signed }} plan
   * @returns {Promise<number[]>} milliseconds from sending to answer
   */
  async closedLoop({ callers, count, next }) {
    /** @type {number[]} */
    const times = [];
    let left = count;
    const call = async () => {
      while (left > 0) {
        left -= 1;
        const signed = next();
        const sent = performance.now();
        await this.send(signed);
        times.push(performance.now() - sent);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    return times;
  }

  /** Rejects unless it is answered with 200. @param {Signed} signed @returns {Promise<string>} the body */
  send({ body, headers }) {
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`answered with HTTP ${response.statusCode}: ${text.slice(0, 200)}`));
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
