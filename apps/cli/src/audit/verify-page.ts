import { headlineOf, linesOf, type VerifyReport } from './verify-report.js';

const COLOURS = { verified: '#0a6', not_verified: '#c22', not_judged: '#b70' } as const;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);

/** Returns a report as a page that needs nothing else. Whatever events hold is shown as text. */
export const pageOf = (report: VerifyReport): string => {
  const rows = linesOf(report).map(
    ([about, said]) => `<tr><th scope="row">${escaped(about)}</th><td>${escaped(said)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Verification of an audit log</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark; }
h1 { font-size: 1.3rem; border-left: .4rem solid ${COLOURS[report.result]}; padding-left: .8rem; }
th { text-align: left; vertical-align: top; padding-right: 1.5rem; white-space: nowrap; }
td { overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>${escaped(headlineOf(report))}</h1>
<table>
${rows.join('\n')}
</table>
<p>Made at ${escaped(report.at)} in ${report.seconds} s.</p>
</body>
</html>
`;
};
