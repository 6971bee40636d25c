/** Names that the files define. When a file could not be read in full, a missing name proves nothing. */
export interface KnownNames {
  /** False when some file could not be read: references are then taken as good, its own problems stop the load anyway. */
  readonly complete: boolean;
  /** E-mails, lower-cased. */
  readonly people: ReadonlySet<string>;
  /** A live source may know more people. */
  readonly livePeople: boolean;
  readonly groups: ReadonlySet<string>;
  /** Target name → provider name; empty text when its target is too broken to say. */
  readonly targets: ReadonlyMap<string, string>;
  /** Of the settings, by name. */
  readonly schedules: ReadonlySet<string>;
}
