import { pageInPackage } from './pages.ts';
import { count, type Report } from './report.ts';

/** For programs. Keys are added, never renamed. */
export function asJson({ folder, findings, loaded, assumed }: Report): string {
  const result = {
    folder,
    errors: count(findings, 'error'),
    warnings: count(findings, 'warning'),
    ...(loaded ? { loaded } : {}),
    assumed,
    findings: findings.map(({ severity, code, sentence, file, line, col }) => ({
      severity,
      code,
      sentence,
      file,
      line,
      col,
      help: pageInPackage(code),
    })),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
