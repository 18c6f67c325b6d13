import { trusted } from '../text/markup.js';

/** The style sheet of plots, light and dark. Lines differ by dashes, not by colour alone. */
export const PLOT_STYLE = trusted(`
.vp{--vp-back:#fff;--vp-ink:#1c2128;--vp-soft:#59636e;--vp-grid:#dfe3e8;--vp-zero:#8c959f;--vp-limit:#b3261e;
--vp-1:#1f6feb;--vp-2:#c2410c;--vp-3:#0f766e;--vp-4:#8b3fc7;--vp-5:#a16207;--vp-6:#be185d;
font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--vp-ink)}
.vp-back{fill:var(--vp-back)}.vp-title{font-size:14px;font-weight:600}
.vp-grid,.vp-zero{stroke:var(--vp-grid);fill:none}.vp-zero{stroke:var(--vp-zero)}
.vp-tick{fill:var(--vp-soft)}.vp-end{text-anchor:end}.vp-middle,.vp-number{text-anchor:middle}
.vp-line{fill:none;stroke-width:1.75;stroke-linejoin:round}
.vp-s1{stroke:var(--vp-1);fill:var(--vp-1)}.vp-s2{stroke:var(--vp-2);fill:var(--vp-2);stroke-dasharray:7 2.5}
.vp-s3{stroke:var(--vp-3);fill:var(--vp-3);stroke-dasharray:2.5 2}.vp-s4{stroke:var(--vp-4);fill:var(--vp-4);stroke-dasharray:9 2.5 2.5 2.5}
.vp-s5{stroke:var(--vp-5);fill:var(--vp-5);stroke-dasharray:5 4}.vp-s6{stroke:var(--vp-6);fill:var(--vp-6);stroke-dasharray:12 3}
.vp-line{fill:none}.vp-dot{stroke:none}
.vp-mark{stroke:var(--vp-soft);stroke-dasharray:2 3;fill:none}
.vp-badge{fill:var(--vp-back);stroke:var(--vp-soft)}.vp-number{font-size:10px;font-weight:600}
.vp-limit{stroke:var(--vp-limit);stroke-width:1.5;stroke-dasharray:6 4;fill:none}
.vp-limit-text{fill:var(--vp-limit);font-weight:600;paint-order:stroke;stroke:var(--vp-back);stroke-width:4px;stroke-linejoin:round}
@media (prefers-color-scheme:dark){.vp{--vp-back:#161b22;--vp-ink:#e6edf3;--vp-soft:#9aa5b1;--vp-grid:#2d343d;--vp-zero:#6e7781;--vp-limit:#ff8a80;
--vp-1:#6cb0ff;--vp-2:#ffa45c;--vp-3:#4fd1b5;--vp-4:#d2a8ff;--vp-5:#e3c04b;--vp-6:#ff8ac0}}
@media print{.vp{--vp-back:#fff;--vp-ink:#000;--vp-soft:#444;--vp-grid:#ccc;--vp-zero:#666;--vp-limit:#a00000;
--vp-1:#0b4fc4;--vp-2:#b03a05;--vp-3:#0a5f58;--vp-4:#7530ab;--vp-5:#7d4c02;--vp-6:#9c1050}}
`);
