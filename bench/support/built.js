/**
 * A module of the built product. By a computed name, so that the type checker takes the types from `src/` and does not
 * read what was compiled: `/** @type {typeof import('../src/store/store.ts')} *​/ const … = await built('store/store.js')`.
 *
 * @param {string} path below `dist/`
 * @returns {Promise<any>}
 */
export const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
