namespace LocalPv.Sim.Reports;

/// <summary>What is around the data in a report's page: style, places, and the script that draws.</summary>
internal static class HtmlPage
{
    internal const string Head = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>LocalPv simulator: a run</title>
        <style>
        :root{color-scheme:light dark;--line:#8885;--bad:#d33;--fault:#e80;--plan:#27c;--usual:#888}
        body{font:14px/1.4 system-ui,sans-serif;margin:0;display:grid;grid-template:auto 1fr/1fr 24rem;height:100vh}
        header{grid-column:1/3;padding:.6rem 1rem;border-bottom:1px solid var(--line)}
        h1{font-size:1rem;margin:0}code{user-select:all}#verdict.bad{color:var(--bad);font-weight:600}
        main{overflow:auto}table{border-collapse:collapse;width:100%}
        th{position:sticky;top:0;background:Canvas;text-align:left;z-index:1}
        td,th{border-left:1px solid var(--line);padding:.1rem .4rem;vertical-align:top;font-size:12px;max-width:22rem}
        td{overflow-wrap:anywhere}
        td:first-child,th:first-child{border:0;white-space:nowrap;color:var(--usual)}
        tr:hover{background:#8882}tr.now{outline:2px solid var(--plan)}
        .Failure{color:var(--bad)}.Fault{color:var(--fault);font-weight:600}.Plan{color:var(--plan)}
        .Broken{background:var(--bad);color:#fff;font-weight:700}
        aside{overflow:auto;border-left:1px solid var(--line);padding:.6rem}
        aside h2{font-size:.9rem;margin:.6rem 0 .2rem}dl{margin:0;font-size:12px}dt{font-weight:600}dd{margin:0 0 .2rem .6rem}
        .bar{height:.5rem;background:#8883;border-radius:.25rem}
        .bar i{display:block;height:100%;background:var(--plan);border-radius:.25rem}
        details pre{white-space:pre-wrap;font-size:12px}#at{width:100%}label{font-size:12px;margin-right:.6rem}
        </style></head><body>
        <header><h1 id="title"></h1><div id="verdict"></div><div>Again: <code id="replay"></code></div>
        <input id="at" type="range" min="0" aria-label="moment"><div id="lanes-shown"></div>
        <details><summary>The plan</summary><pre id="plan"></pre></details></header>
        <main><table><thead><tr id="lanes"></tr></thead><tbody id="rows"></tbody></table></main>
        <aside><h2 id="moment"></h2><div id="state"></div></aside>
        <script type="application/json" id="data">
        """;

    internal const string Tail = """
        </script>
        <script>
        'use strict';
        const data = JSON.parse(document.getElementById('data').textContent);
        const byId = id => document.getElementById(id);
        const make = (name, text, parent, kind) => {
          const made = document.createElement(name);
          if (text !== undefined) made.textContent = text;
          if (kind) made.className = kind;
          parent.append(made);
          return made;
        };
        const time = ms => (ms / 1000).toFixed(3) + ' s';
        byId('title').textContent = data.title;
        byId('verdict').textContent = data.verdict;
        byId('verdict').className = data.isGood ? 'good' : 'bad';
        byId('replay').textContent = data.replay;
        byId('plan').textContent = data.plan;
        const hidden = new Set();
        for (const lane of data.lanes) {
          const label = make('label', undefined, byId('lanes-shown'));
          const box = make('input', undefined, label);
          box.type = 'checkbox';
          box.checked = true;
          label.append(lane);
          box.onchange = () => { box.checked ? hidden.delete(lane) : hidden.add(lane); draw(); };
        }
        const slider = byId('at');
        slider.max = data.lines.length - 1;
        slider.value = slider.max;
        function show(index) {
          slider.value = index;
          const state = new Map();
          for (const line of data.lines.slice(0, index + 1)) {
            if (line.o === undefined) continue;
            line.s === '' ? state.delete(line.o) : state.set(line.o, line.s);
          }
          byId('moment').textContent = 'At ' + time(data.lines[index].t) + ', event ' + data.lines[index].e;
          const place = byId('state');
          place.replaceChildren();
          const list = make('dl', undefined, place);
          for (const thing of [...state.keys()].sort()) {
            make('dt', thing, list);
            const text = state.get(thing);
            make('dd', text, list);
            const share = /^(\d+)\/(\d+) extents/.exec(text);
            if (share) make('i', undefined, make('div', undefined, list, 'bar')).style.width = 100 * share[1] / share[2] + '%';
          }
          for (const row of document.querySelectorAll('tr.now')) row.classList.remove('now');
          const row = byId('row-' + index);
          if (row) { row.classList.add('now'); row.scrollIntoView({block: 'nearest'}); }
        }
        function draw() {
          const lanes = data.lanes.filter(lane => !hidden.has(lane));
          const head = byId('lanes');
          head.replaceChildren();
          make('th', 'time', head);
          for (const lane of lanes) make('th', lane, head);
          const rows = byId('rows');
          rows.replaceChildren();
          data.lines.forEach((line, index) => {
            const column = lanes.indexOf(line.l);
            if (column < 0) return;
            const row = make('tr', undefined, rows);
            row.id = 'row-' + index;
            row.onclick = () => show(index);
            make('td', time(line.t), row);
            lanes.forEach((lane, at) => make('td', at === column ? line.x : undefined, row, at === column ? line.k : ''));
          });
          show(Number(slider.value));
        }
        slider.oninput = () => show(Number(slider.value));
        if (data.lines.length > 0) draw();
        document.body.dataset.ready = data.lines.length;
        </script></body></html>
        """;
}
