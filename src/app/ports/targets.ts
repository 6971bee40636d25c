import type { Provider, Target } from './provider.ts';

export interface OpenTarget {
  provider: Provider;
  target: Target;
  /** The real system that its settings point at now. */
  system: string;
}

/** The configured systems, each opened once. */
export interface Targets {
  /** Undefined when no policy file names the target any more. */
  find(name: string): OpenTarget | undefined;
}
