import { trusted } from '../text/markup.js';

/** The style sheet of the page: light and dark, laptop and phone, and print. */
export const PAGE_STYLE = trusted(`
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#1c2128;--soft:#59636e;--line:#dfe3e8;--link:#0b5cd6;
--good:#136f3a;--good-back:#e3f5e9;--bad:#b3261e;--bad-back:#fdeceb;--open:#7a4f00;--open-back:#fff4d6}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--card:#161b22;--ink:#e6edf3;--soft:#9aa5b1;--line:#2d343d;--link:#79b8ff;
--good:#5fd38d;--good-back:#12311f;--bad:#ff8a80;--bad-back:#3d1513;--open:#e8c15a;--open-back:#33290c}}
*{box-sizing:border-box}
html{background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
-webkit-text-size-adjust:100%}
body{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0}h2{font-size:1.3rem;margin:0 0 .5rem;line-height:1.3}h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.35rem 0}a{color:var(--link)}bdi{white-space:pre-wrap}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.soft{color:var(--soft);font-size:.9rem}
section,nav,.verdict,.planted{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.25rem;margin:1rem 0}
.verdict{border-width:2px;display:flex;flex-wrap:wrap;align-items:center;gap:0 1.25rem}
.verdict .word{font-size:1.9rem;font-weight:700;line-height:1.2;margin:0}
.verdict.met{border-color:var(--good);background:var(--good-back)}.verdict.met .word{color:var(--good)}
.verdict.missed{border-color:var(--bad);background:var(--bad-back)}.verdict.missed .word{color:var(--bad)}
.planted{border:2px dashed var(--open)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:.75rem;padding:0;margin:1rem 0;list-style:none}
.tiles li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.6rem .9rem;color:var(--soft);font-size:.9rem;line-height:1.3}
.tiles b{display:block;font-size:1.6rem;color:var(--ink);font-variant-numeric:tabular-nums}
.tiles .met b{color:var(--good)}.tiles .missed b{color:var(--bad)}.tiles .not-run b{color:var(--open)}.tiles .none b{color:var(--soft);font-weight:400}
.found{list-style:none;padding:0;margin:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr))}
.found li{border-left:4px solid var(--bad);background:var(--bad-back);border-radius:0 8px 8px 0;padding:.6rem .9rem}
.found p{margin:0 0 .2rem}
.found dl{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:.4rem 0 0}.found dt{color:var(--soft);font-size:.8rem}.found dd{margin:0;font-weight:600}
.bad{color:var(--bad);font-weight:700}.zero{color:var(--soft)}
.plain,.did{margin:.25rem 0;padding-left:1.2rem}.plain li,.did li{margin:.25rem 0}.did{max-width:60rem}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.8rem}
tbody th{font-weight:400}
.rows{margin-top:1rem;table-layout:fixed}.rows th:first-child{width:40%}.rows th:last-child{width:7rem}
.rows .measured{font-weight:600}.rows .predecessor{color:var(--soft)}
.rows tr.missed{background:var(--bad-back)}.rows tr.missed th:first-child{box-shadow:inset 4px 0 var(--bad);padding-left:.75rem}
.rows tr.missed .measured{color:var(--bad)}.rows tr:target{outline:3px solid var(--link);outline-offset:-3px}
.why{display:block;color:var(--soft);font-size:.85rem}
.badge{display:inline-block;white-space:nowrap;border-radius:99px;padding:.05rem .6rem;border:1px solid var(--line);font-size:.85rem;color:var(--soft)}
.badge.met{color:var(--good);background:var(--good-back);border-color:transparent}
.badge.missed{color:var(--card);background:var(--bad);border-color:var(--bad);font-weight:700}
.badge.not-run,.badge.not-judged{color:var(--open);background:var(--open-back);border:1px dashed var(--open)}
.scroll{overflow-x:auto}.scroll table{width:auto;min-width:min(100%,34rem)}.scroll th,.scroll td{padding-right:1.5rem;overflow-wrap:normal}
.scroll td:not(:first-child){max-width:28rem}
.plots{display:grid;grid-template-columns:1fr 1fr;gap:1rem 2rem;margin-top:1.25rem}.plots figure:only-child{grid-column:1/-1;max-width:38rem}
.counts td{white-space:nowrap}
figure{margin:0;min-width:0}figcaption{font-weight:600;margin-bottom:.25rem}
.vp{display:block;width:100%;height:auto}.narrow{display:none}
details{font-size:.9rem;margin-top:.25rem}summary{cursor:pointer;color:var(--link);width:fit-content}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:.5rem 2rem;margin:0}
.facts dt{color:var(--soft);font-size:.85rem}.facts dd{margin:0}
@media (max-width:56rem){.plots{grid-template-columns:1fr}}
@media (max-width:40rem){
body{padding:1rem .75rem 3rem}section,nav,.verdict,.planted{padding:.9rem}h1{font-size:1.4rem}
.tiles{grid-template-columns:1fr 1fr;gap:.5rem}.wide{display:none}.narrow{display:block}
.rows,.rows tbody,.rows tr,.rows th,.rows td{display:block;width:auto!important}
.rows thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.rows tr{position:relative;border:1px solid var(--line);border-radius:8px;padding:.55rem .7rem;margin:.5rem 0;display:grid;grid-template-columns:1fr auto;column-gap:.5rem}
.rows td{grid-column:1/-1}.rows .word{grid-column:2;grid-row:1}
.rows th,.rows td{border:0;padding:0}.rows .empty{display:none}
.rows tr.missed{border-color:var(--bad);border-left-width:5px}.rows tr.missed th:first-child{box-shadow:none;padding-left:0}
.rows tbody th{margin-bottom:.2rem}.rows td[data-name]::before{content:attr(data-name);color:var(--soft);font-weight:400;font-size:.85rem;}
.rows td[data-name]{display:grid!important;grid-template-columns:6rem 1fr}
}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--link:#000;--good:#0a5a2b;--good-back:#fff;--bad:#a00000;--bad-back:#fff;--open:#5c3b00;--open-back:#fff}
html{font-size:12px}body{max-width:none;padding:0}section,nav{border:0;padding:0}details{display:none}
tr,figure,.found li,.facts div{break-inside:avoid}h2,h3{break-after:avoid}.badge.missed{color:var(--bad);background:none;border-width:2px}}
`);
