import type { Report } from './report.ts';

/**
 * Workflow commands of GitHub Actions: each finding at its line of the pull request.
 * NB. A message is a line, and whoever could break it could write commands of their own: `%`, line breaks and, in
 * properties, `:` and `,` are escaped as GitHub reads them.
 */
export function asGithub({ findings }: Report): string {
  return findings
    .map(({ severity, file, line, col, code, sentence }) => {
      const properties = { file, line, col, title: code };
      const written = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
      return `::${severity} ${written.join(',')}::${data(sentence)}\n`;
    })
    .join('');
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
