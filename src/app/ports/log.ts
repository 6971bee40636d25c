/** The part of a structured logger that use cases need. Fields never hold secrets or the words of a reason. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
