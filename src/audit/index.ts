export { canonicalJson } from './canonical-json.ts';
export { type ChainEntry, type ChainHead, GENESIS_HASH, link, sha256 } from './chain.ts';
export { describe } from './describe.ts';
export { type Finding, Verification } from './verify.ts';
