/** All that the page looks like. Its hash is in the page's policy: an attribute `style` would be refused. */
export const stylesheet = `
:root{--bg:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#5b6676;--line:#dfe4ea;--good:#1a7f4b;--bad:#c0312b;--warn:#9a6200;--accent:#2458c5;
--c1:#7a8699;--c2:#3f7fd9;--c3:#8b6fd1;--c4:#d9882b;--c5:#1f9d74;--c6:#c9a227;--c7:#3a9fb8;--c8:#d0639b}
@media (prefers-color-scheme:dark){:root{--bg:#12161d;--card:#1b212b;--ink:#e7ebf1;--soft:#9aa5b5;--line:#2e3744;--good:#4cc38a;--bad:#ff7b72;--warn:#e3b341;--accent:#7aa7ff;
--c1:#8794a8;--c2:#5b9bf0;--c3:#a78bfa;--c4:#f0a34a;--c5:#3fc08f;--c6:#e0c04c;--c7:#56bdd6;--c8:#ea83b6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;padding:1.5rem;max-width:72rem;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}
.kind{margin:0;color:var(--soft);text-transform:uppercase;letter-spacing:.08em;font-size:.75rem}
h1{margin:.1rem 0 .3rem;font-size:1.9rem;line-height:1.2}
h2{margin:0 0 .75rem;font-size:1.1rem}
h3{margin:.75rem 0 .25rem;font-size:.8rem;color:var(--soft);font-weight:600}
.headline{margin:.2rem 0 1rem;font-size:1.15rem}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem;margin:1rem 0}
.pill{display:inline-block;padding:.05rem .55rem;border-radius:99px;font-size:.75rem;font-weight:600;vertical-align:middle;white-space:nowrap;color:var(--warn);border:1px solid currentColor}
.pill.succeeded,.pill.done,.pill.forgotten,.pill.destroyed{color:var(--good)}
.pill.failed,.pill.partial,.pill.lost,.pill.blocked{color:var(--bad)}
.pill.not_begun,.pill.held{color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.5rem 1.5rem;margin:0;font-size:.85rem}
.facts dt{color:var(--soft);font-size:.75rem}
.facts dd{margin:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1rem;background:none;border:0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.9rem 1.1rem;display:flex;flex-direction:column}
.tile b{font-size:1.5rem;line-height:1.2}
.tile small{color:var(--soft)}
.tile.bad b{color:var(--bad)}
.compares{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.5rem 2.5rem}
.compare h3{margin-top:0}
.measure{display:grid;grid-template-columns:4.5rem 1fr 9.5rem;gap:.6rem;align-items:center;font-size:.85rem}
.measure b{text-align:right;font-weight:600}
.predicted{fill:var(--c1)}.actual{fill:var(--c2)}
.note{color:var(--soft);font-size:.85rem;margin:.6rem 0 0}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th{text-align:left;color:var(--soft);font-weight:600;font-size:.75rem}
th,td{padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0 0 .5rem;padding:0;font-size:.8rem;color:var(--soft)}
.legend svg{margin-right:.35rem;vertical-align:-1px}
.gantt.tall{max-height:34rem;overflow-y:auto}
.axis,.lane{display:grid;grid-template-columns:11rem 1fr;gap:.75rem;align-items:center}
.axis{position:sticky;top:0;background:var(--card);padding-bottom:.15rem}
.axis svg{overflow:visible}
.axis text{fill:var(--soft);font-size:11px}
.lane{color:inherit;text-decoration:none;font-size:.8rem;line-height:1.35}
.lane:hover{background:var(--bg)}
.lane span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.lane span.failed,.lane span.interrupted{color:var(--bad)}
.lane line{stroke:var(--line);stroke-width:1}
.lane svg{display:block}
.preflight{fill:var(--c1)}.export{fill:var(--c2)}.inspect{fill:var(--c3)}.fix{fill:var(--c4)}.convert{fill:var(--c5)}.validate{fill:var(--c6)}.publish{fill:var(--c7)}.boot_test{fill:var(--c8)}
.approval{fill:var(--c1)}.cutover{fill:var(--c2)}.rollback{fill:var(--c4)}
rect.wrong{fill:var(--bad)}
.failure{border-left:3px solid var(--bad);padding:.1rem 0 .1rem .8rem;margin:.5rem 0}
.failure p{margin:0}
.failure summary,.more summary{cursor:pointer}
pre{margin:.5rem 0 0;padding:.7rem;max-height:20rem;overflow:auto;background:var(--bg);border-radius:8px;font:12px/1.45 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;white-space:pre-wrap}
.machines>details{border-top:1px solid var(--line);padding:.4rem 0;content-visibility:auto;contain-intrinsic-size:auto 2.2rem}
.machines>details:first-child{border-top:0}
.machines>details:target{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
.machines summary{cursor:pointer;display:grid;grid-template-columns:minmax(10rem,2fr) 7rem repeat(4,1fr);gap:.75rem;align-items:center;font-size:.9rem}
.machines summary b{font-weight:600}
.machines summary .pill{justify-self:start}
.machines summary span:not(.pill){color:var(--soft)}
.machines .facts{margin:.6rem 0;padding-left:.8rem;border-left:3px solid var(--line)}
.disk{font-family:ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
.attempts{margin:.5rem 0;padding-left:2rem;font-size:.85rem}
.attempts .failed,.attempts .interrupted,.attempts .lost{color:var(--bad)}
footer{color:var(--soft);font-size:.8rem;text-align:center;margin:1.5rem 0 0}
@media (max-width:640px){
body{padding:.9rem}
h1{font-size:1.5rem}
section{padding:.9rem}
.tiles{grid-template-columns:1fr 1fr;gap:.7rem;padding:0}
.compares,.machines .facts{grid-template-columns:1fr}
header .facts{grid-template-columns:1fr 1fr}
.tile b{font-size:1.2rem}
.axis .between{display:none}
.measure{grid-template-columns:4.2rem 1fr 9rem}
.axis,.lane{grid-template-columns:1fr;gap:0}
.axis span{display:none}
.lane{margin-bottom:.3rem}
.machines summary{grid-template-columns:1fr auto;gap:.1rem .75rem}
.machines summary .pill{justify-self:end}
.machines summary span:not(.pill){font-size:.8rem}
.machines summary span:empty{display:none}
thead{display:none}
tr{display:grid;grid-template-columns:1fr 1fr;gap:.1rem .75rem;padding:.45rem 0;border-bottom:1px solid var(--line)}
tr:last-child{border-bottom:0}
td{border:0;padding:0}
td:first-child{grid-column:1/-1;font-weight:600}
td.empty{display:none}
td:not(:first-child)::before{content:attr(data-of) " ";color:var(--soft);font-size:.75rem}
}
@media print{body{background:#fff;max-width:none}.gantt.tall{max-height:none;overflow:visible}section{break-inside:avoid-page}}
`
