namespace LocalPv.Sim.Reports;

/// <summary>What is around the data in a report's page: style, places, and the script that draws.</summary>
internal static class HtmlPage
{
    internal const string Head = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>LocalPv simulator: a run</title>
        <style>
        :root{color-scheme:light dark;--line:#8883;--bad:#d33;--fault:#d70;--plan:#27c;--usual:#888;--lane:1.15rem}
        body{font:13px/1.4 system-ui,sans-serif;margin:0;display:grid;grid-template:auto 1fr/1fr 25rem;height:100vh}
        header{grid-column:1/3;padding:.6rem 1rem .3rem;border-bottom:1px solid var(--line)}
        h1{font-size:1.05rem;margin:0}code{user-select:all}#verdict{font-weight:600;color:#2a2}#verdict.bad{color:var(--bad)}
        #tools{display:flex;gap:.5rem;align-items:center;margin-top:.3rem}#at{flex:1}#find{width:16rem}
        details{margin:.2rem 0}details pre{white-space:pre-wrap;font-size:12px;max-height:40vh;overflow:auto;margin:.2rem 0}
        label{font-size:12px;margin-right:.7rem;white-space:nowrap}#lanes-shown{display:flex;flex-wrap:wrap}
        main{overflow:auto}table{border-collapse:collapse;width:100%}
        thead th{position:sticky;top:0;background:Canvas;text-align:left;vertical-align:bottom;z-index:1;font-size:12px}
        thead th.lane{height:12rem;width:var(--lane);min-width:var(--lane);padding:0}
        thead th.lane span{writing-mode:vertical-rl;transform:rotate(180deg);font-weight:400;white-space:nowrap}
        td{padding:.05rem .5rem;vertical-align:top}
        td.time{white-space:nowrap;color:var(--usual);text-align:right;font-variant-numeric:tabular-nums}
        td.lane{padding:0;border-left:1px solid var(--line);text-align:center;width:var(--lane)}
        td.lane.down{background:#d703}
        td.lane b{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;background:var(--usual);margin-top:.22rem}
        td.what{border-left:1px solid var(--line);overflow-wrap:anywhere;width:100%}td.what em{font-style:normal;color:var(--usual)}
        tbody tr{cursor:pointer}tbody tr:hover{background:#8881}tr.now td{background:#27c3}
        tr.Failure td.what{color:var(--bad)}tr.Failure td.lane b{background:var(--bad)}
        tr.Fault td.what{color:var(--fault);font-weight:600}tr.Fault td.lane b{background:var(--fault)}
        tr.Plan td.what{color:var(--plan)}tr.Plan td.lane b{background:var(--plan)}
        tr.Broken td.what{background:var(--bad);color:#fff;font-weight:700}tr.Broken td.what em{color:#fff}
        tr.Broken td.lane b{background:var(--bad);border-radius:0}
        aside{overflow:auto;border-left:1px solid var(--line);padding:.4rem .8rem}
        aside h2{font-size:.95rem;margin:.2rem 0}aside h3{font-size:.8rem;margin:.8rem 0 .1rem;color:var(--usual)}
        dl{margin:0;font-size:12px}dt{font-weight:600;overflow-wrap:anywhere}dd{margin:0 0 .15rem .6rem;overflow-wrap:anywhere}
        .new{background:#27c3}
        .bar{height:.5rem;background:#8883;border-radius:.25rem;margin:0 0 .3rem .6rem}
        .bar i{display:block;height:100%;background:var(--plan);border-radius:.25rem}
        </style></head><body>
        <header><h1 id="title"></h1><div id="verdict"></div><div>Again: <code id="replay"></code></div>
        <details><summary>The plan</summary><pre id="plan"></pre></details>
        <details><summary>Lanes</summary><div id="lanes-shown"></div></details>
        <div id="tools"><button id="back" title="the line before (key k)">&#9664;</button>
        <input id="at" type="range" min="0" aria-label="moment">
        <button id="on" title="the line after (key j)">&#9654;</button><button id="end">what broke</button>
        <input id="find" type="search" placeholder="only lines with …" aria-label="only lines with"></div></header>
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
        byId('end').hidden = data.isGood;

        // Lanes in which nothing happens but a start are hidden at first.
        const told = new Map();
        for (const line of data.lines) told.set(line.l, (told.get(line.l) ?? 0) + (line.x === 'starts' ? 0 : 1));
        const hidden = new Set(data.lanes.filter(lane => told.get(lane) === 0));
        for (const lane of data.lanes) {
          const label = make('label', undefined, byId('lanes-shown'));
          const box = make('input', undefined, label);
          box.type = 'checkbox';
          box.checked = !hidden.has(lane);
          label.append(' ' + lane);
          box.onchange = () => { box.checked ? hidden.delete(lane) : hidden.add(lane); draw(); };
        }

        // Of which lanes a fault is: those of its process or node.
        const isHit = (lane, fault) => {
          const target = fault.slice(fault.lastIndexOf(' ') + 1);
          return lane === 'fault' || target !== '' && (lane === target || lane.endsWith('/' + target));
        };
        const groups = [
          ['Faults', 'fault '], ['Volume groups', 'vg '], ['Pods', 'Pod '], ['Claims', 'PersistentVolumeClaim '],
          ['Volumes', 'PersistentVolume '], ['Reports', 'NodeLocalStorage '], ['Others', ''],
        ];
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
          const left = new Set([...state.keys()].sort());
          for (const [title, prefix] of groups) {
            const things = [...left].filter(thing => thing.startsWith(prefix));
            if (things.length === 0) continue;
            make('h3', title, place);
            const list = make('dl', undefined, place);
            for (const thing of things) {
              left.delete(thing);
              const text = state.get(thing);
              const isNew = thing === data.lines[index].o ? 'new' : '';
              make('dt', thing, list, isNew);
              make('dd', text, list, isNew);
              const share = /^(\d+)\/(\d+) extents/.exec(text);
              if (share) make('i', undefined, make('div', undefined, list, 'bar')).style.width = 100 * share[1] / share[2] + '%';
            }
          }
          for (const row of document.querySelectorAll('tr.now')) row.classList.remove('now');
          const row = byId('row-' + index);
          if (row) { row.classList.add('now'); reveal(row); }
        }
        // Into sight, and not behind the head, which stays where it is.
        function reveal(row) {
          const main = document.querySelector('main');
          const box = row.getBoundingClientRect();
          const top = byId('lanes').firstChild.getBoundingClientRect().bottom;
          const bottom = main.getBoundingClientRect().top + main.clientHeight;
          if (box.top < top) main.scrollTop -= top - box.top;
          else if (box.bottom > bottom) main.scrollTop += box.bottom - bottom;
        }
        function draw() {
          const lanes = data.lanes.filter(lane => !hidden.has(lane));
          const wanted = byId('find').value.toLowerCase();
          const head = byId('lanes');
          head.replaceChildren();
          make('th', 'time', head);
          for (const lane of lanes) make('span', lane, make('th', undefined, head, 'lane'));
          make('th', 'what happened', head);
          const rows = document.createDocumentFragment();
          const faults = new Set();
          data.lines.forEach((line, index) => {
            if (line.o?.startsWith('fault ')) line.s === '' ? faults.delete(line.o) : faults.add(line.o);
            if (hidden.has(line.l) || !(line.l + ' ' + line.x).toLowerCase().includes(wanted)) return;
            const row = make('tr', undefined, rows, line.k);
            row.id = 'row-' + index;
            row.onclick = () => show(index);
            make('td', time(line.t), row, 'time');
            for (const lane of lanes) {
              const cell = make('td', undefined, row, [...faults].some(fault => isHit(lane, fault)) ? 'lane down' : 'lane');
              if (lane === line.l) make('b', undefined, cell).title = lane;
            }
            const what = make('td', undefined, row, 'what');
            make('em', line.l + ' ', what);
            what.append(line.x);
          });
          byId('rows').replaceChildren(rows);
          show(Number(slider.value));
        }
        // The next line that is drawn, in one direction or the other.
        function move(by) {
          let index = Number(slider.value) + by;
          while (index >= 0 && index < data.lines.length && !byId('row-' + index)) index += by;
          if (index >= 0 && index < data.lines.length) show(index);
        }
        slider.oninput = () => show(Number(slider.value));
        byId('find').oninput = draw;
        byId('back').onclick = () => move(-1);
        byId('on').onclick = () => move(1);
        byId('end').onclick = () => show(data.lines.length - 1);
        document.onkeydown = key => {
          if (key.target.id !== 'find' && 'jk'.includes(key.key)) move(key.key === 'j' ? 1 : -1);
        };
        if (data.lines.length > 0) draw();
        document.body.dataset.ready = data.lines.length;
        </script></body></html>

        """;
}
