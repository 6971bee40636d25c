/**
 * What one policy folder may hold. The numbers are far above any real use; they stop a mistake or a bomb from taking the
 * process with it. Going over one is a problem that says so, never a cut.
 */
export const LIMITS = {
  fileBytes: 1024 * 1024,
  folderBytes: 64 * 1024 * 1024,
  files: 5_000,
  folderDepth: 16,
  /** Open collections at once. The deepest place of the language is about ten. */
  yamlDepth: 48,
  grants: 100,
  flows: 20,
  steps: 10,
  principals: 100,
  fields: 10,
  fieldChars: 200,
  schedules: 50,
  /** As many options as a menu in Slack has, of as many characters. */
  enum: 100,
  enumChars: 75,
  labels: 50,
  callers: 100,
  claims: 20,
  claimValues: 100,
  issuerChars: 256,
  /** The old key, the new one, and one for when that goes wrong. */
  apiKeyHashes: 3,
  need: 20,
  titleChars: 100,
  hintChars: 150,
  textChars: 200,
  accountChars: 256,
  emailChars: 254,
  reasonChars: 2_000,
} as const;
