"""The frame of the simulator's page: its HTML and style, with no address of anything outside."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #f6f7f9; --card: #fff; --line: #d5dae1;
  --faint: #5a6472; --new: #e2f5e9; --new-ink: #11572c; --bad: #a01020; --bad-paper: #fde8ea;
  --set: #fff3cf; --set-ink: #5d4300 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --paper: #14181d; --card: #1d232b;
  --line: #3a4350; --faint: #a3aebc; --new: #14402a; --new-ink: #b8f0cd; --bad: #ffb3ba;
  --bad-paper: #54141c; --set: #4a3a0c; --set-ink: #ffe7a3 } }
* { box-sizing: border-box }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 80rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
h3 { font-size: 1rem; margin: 0 }
p { margin: .3rem 0 } a { color: inherit }
.faint { color: var(--faint) }
.courses { display: grid; gap: 1rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)) }
.people { list-style: none; margin: .5rem 0 0; padding: 0; font-size: .92rem }
.people li { border-top: 1px solid var(--line); padding: .35rem 0 }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .8rem 1rem; overflow-wrap: anywhere }
.alarm { background: var(--bad-paper); color: var(--bad); border: 2px solid currentColor;
  border-radius: .5rem; padding: .6rem 1rem; margin: 1rem 0; font-weight: 600 }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th { color: var(--faint); font-weight: 600; white-space: nowrap }
td, th { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line) }
tr:last-child td { border-bottom: 0 }
td { overflow-wrap: anywhere } td:last-child, th:last-child { padding-right: 0 }
time, .short { white-space: nowrap; overflow-wrap: normal; font-variant-numeric: tabular-nums }
.tag { border-radius: .3rem; padding: 0 .35rem; font-size: .8rem; font-weight: 600;
  white-space: nowrap }
.new { background: var(--new); color: var(--new-ink) }
.set { background: var(--set); color: var(--set-ink) }
.bad { background: var(--bad-paper); color: var(--bad) }
code { font: .88em ui-monospace, monospace }
@media (max-width: 40rem) {
  body { padding: .7rem } .courses { grid-template-columns: 1fr }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  tbody tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line) }
  tbody tr:last-child { border-bottom: 0 }
  tbody td { display: block; border: 0; padding: 0 }
  .calls tbody td { display: inline-block; padding-right: .6rem }
  .calls tbody td:last-child { display: block }
  tbody td[data-label]::before { content: attr(data-label) ": "; color: var(--faint) }
  .calls tbody td:not([data-label="At once"])::before { content: none }
}
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">{reload}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,">
<style>{style}</style></head><body>
<header><h1>Coursebox simulator</h1>
<p>A stand-in for the real Coursebox: nobody is enrolled and no mail is sent.</p>
<p class="faint">{facts}. {pause}</p></header>
<main>{sections}</main>
</body></html>
"""

RELOAD = '<meta http-equiv="refresh" content="2">'
PAUSE = 'This page reloads every 2 seconds; <a href="/?paused">stop that</a>.'
PAUSED = 'This page stands still; <a href="/">let it reload by itself</a>.'
