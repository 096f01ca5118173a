/// How the page looks: light and dark as the reader has it, tables that become cards on a phone.
enum StatusPageStyle {
    static let text = base + parts + tables + narrow

    private static let base = """
        :root { color-scheme: light dark; --page: #f6f7f8; --card: #fff; --line: #dfe3e6;
          --text: #16202a; --quiet: #5a6875; --link: #0b63b0; --accent: #0f766e;
          --ok: #166534; --okbg: #dcf5e3; --busy: #0b4f8f; --busybg: #dcecfb;
          --wait: #7a4b00; --waitbg: #fdf0d0; --bad: #a11616; --badbg: #fde2e1;
          --idle: #4b5864; --idlebg: #e9edf0; --bar: #1f7ad1; --bar2: #5fbf8a; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #0f1519; --card: #182027; --line: #2c3741; --text: #e6ebef;
            --quiet: #9aa8b4; --link: #7cc0ff; --accent: #2dd4bf;
            --ok: #8ce6a8; --okbg: #12351f; --busy: #9fd0ff; --busybg: #10304f;
            --wait: #f7d08a; --waitbg: #3b2b08; --bad: #ffb0ab; --badbg: #4a1717;
            --idle: #b6c2cc; --idlebg: #29333c; --bar: #4ea3f0; --bar2: #3f9d6c; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text);
          font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums; }
        .wrap { max-width: 1320px; margin: 0 auto; padding: 0 20px; }
        a { color: var(--link); text-decoration: none; }
        a:hover { text-decoration: underline; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px;
          border-radius: 3px; }
        .skip { position: absolute; left: -999px; }
        .skip:focus { left: 8px; top: 8px; background: var(--card); padding: 8px; z-index: 2; }
        .sr, caption { position: absolute; width: 1px; height: 1px; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap; }
        .quiet { color: var(--quiet); }
        .zero { color: var(--quiet); }
        .code, code, pre { font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono",
          monospace; font-size: 12.5px; }

        """

    private static let parts = """
        .top { background: var(--card); border-bottom: 1px solid var(--line); }
        .top .wrap { display: flex; align-items: center; gap: 16px; min-height: 56px;
          flex-wrap: wrap; }
        .brand { display: flex; align-items: center; gap: 10px; font-size: 18px; font-weight: 650;
          color: var(--text); }
        .brand:hover { text-decoration: none; }
        .brand svg { width: 28px; height: 28px; }
        .clock { margin-left: auto; display: flex; gap: 12px; align-items: center;
          color: var(--quiet); }
        button { font: inherit; color: var(--text); background: var(--card); cursor: pointer;
          border: 1px solid var(--line); border-radius: 7px; padding: 4px 12px; min-width: 78px; }
        button:hover { border-color: var(--accent); }
        #connection { margin: 0 auto; color: var(--bad); font-weight: 600; }
        #connection:not(:empty) { padding-top: 12px; }
        main { padding-top: 18px !important; }
        h1 { font-size: 24px; margin: 8px 0; display: flex; gap: 12px; align-items: center;
          flex-wrap: wrap; overflow-wrap: anywhere; }
        h2 { font-size: 14px; margin: 0; padding: 12px 16px; display: flex; gap: 8px;
          align-items: center; }
        nav { color: var(--quiet); }
        nav a::after { content: "›"; margin: 0 6px; color: var(--quiet); display: inline-block; }
        .said { margin: 0 0 12px; color: var(--quiet); max-width: 80ch; overflow-wrap: anywhere; }
        .hint { margin: 0 0 12px; padding: 10px 14px; border-left: 3px solid var(--accent);
          background: var(--card); }
        .warning { padding: 10px 14px; background: var(--waitbg); color: var(--wait);
          border-radius: 8px; }
        .tiles { list-style: none; margin: 0 0 16px; padding: 0; display: grid; gap: 12px;
          grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          padding: 12px 16px; display: flex; flex-direction: column; }
        .tile .label { color: var(--quiet); }
        .tile .value { font-size: 26px; font-weight: 650; line-height: 1.25; }
        .tile .note { color: var(--quiet); font-size: 12px; }
        .tile.bad .value { color: var(--bad); }
        .tile.busy .value { color: var(--busy); }
        .tile.ok .value { color: var(--ok); }
        .panel { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          margin: 0 0 16px; overflow: hidden; min-width: 0; }
        .badge { background: var(--idlebg); color: var(--idle); border-radius: 20px;
          padding: 0 9px; font-weight: 600; font-size: 12px; line-height: 20px; }
        .pair { display: grid; gap: 16px; grid-template-columns: 1fr 1fr; align-items: start; }
        .empty, .more { color: var(--quiet); margin: 0; padding: 4px 16px 16px; }
        .more { padding-top: 8px; }
        .pill { display: inline-block; border-radius: 20px; padding: 1px 10px; font-size: 12px;
          font-weight: 600; white-space: nowrap; background: var(--idlebg); color: var(--idle); }
        .pill.ok { background: var(--okbg); color: var(--ok); }
        .pill.busy { background: var(--busybg); color: var(--busy); }
        .pill.wait { background: var(--waitbg); color: var(--wait); }
        .pill.bad { background: var(--badbg); color: var(--bad); }
        .facts { display: grid; gap: 12px 24px; margin: 0; padding: 4px 16px 16px;
          grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); }
        .facts dt { color: var(--quiet); font-size: 12px; }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        .story { margin: 0; padding: 4px 16px 16px; list-style: none; }
        .story li { display: flex; gap: 16px; padding: 5px 0 5px 16px; position: relative;
          border-left: 2px solid var(--line); overflow-wrap: anywhere; }
        .story li::before { content: ""; position: absolute; left: -6px; top: 11px; width: 10px;
          height: 10px; border-radius: 50%; background: var(--accent); }
        .story time { color: var(--quiet); white-space: nowrap; }
        pre { margin: 0; padding: 4px 16px 16px; overflow-x: auto; line-height: 1.7; }
        footer { color: var(--quiet); font-size: 12px; padding-bottom: 24px !important; }

        """

    private static let tables = """
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; font-size: 12px; font-weight: 600; color: var(--quiet);
          padding: 4px 10px 8px; white-space: nowrap; border-bottom: 1px solid var(--line); }
        td { padding: 8px 10px; border-bottom: 1px solid var(--line); vertical-align: middle; }
        th:first-child, td:first-child { padding-left: 16px; }
        th:last-child, td:last-child { padding-right: 16px; }
        tbody tr:last-child td { border-bottom: 0; }
        tbody tr:hover { background: color-mix(in srgb, var(--accent) 6%, transparent); }
        .n { text-align: right; white-space: nowrap; }
        .ns { color: var(--quiet); font-size: 12px; margin-left: 6px; }
        .clip { display: inline-block; max-width: 34ch; overflow: hidden; text-overflow: ellipsis;
          white-space: nowrap; vertical-align: bottom; }
        .agents { display: inline-block; min-width: 34px; margin-right: 8px; }
        .bar { width: 96px; height: 8px; border-radius: 4px; vertical-align: middle; }
        .b0 { fill: var(--idlebg); }
        .b1 { fill: var(--bar); }
        .b2 { fill: var(--bar2); }
        #running td:nth-child(3) { min-width: 200px; }
        #running td:first-child, #waiting td:nth-child(2) { overflow-wrap: anywhere; }
        .meter { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap;
          margin-right: 8px; }
        progress { appearance: none; -webkit-appearance: none; border: 0; width: 90px;
          height: 8px; border-radius: 4px; background: var(--idlebg); overflow: hidden; }
        progress::-webkit-progress-bar { background: var(--idlebg); }
        progress::-webkit-progress-value { background: var(--bar); }
        progress::-moz-progress-bar { background: var(--bar); }
        .wide progress { width: min(420px, 60vw); height: 10px; }

        """

    private static let narrow = """
        @media (max-width: 1100px) { .pair { grid-template-columns: 1fr; gap: 0; } }
        @media (max-width: 700px) {
          .wrap { padding: 0 12px; }
          .top .wrap { padding: 8px 12px; gap: 10px; }
          .clock { margin-left: 0; width: 100%; justify-content: space-between; }
          .tiles { grid-template-columns: repeat(3, 1fr); gap: 8px; }
          .tile { padding: 8px 10px; }
          .tile .value { font-size: 20px; }
          .tile .note { display: none; }
          table, tbody, tr, td { display: block; width: 100%; }
          thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
            clip-path: inset(50%); }
          tr { padding: 8px 0; border-bottom: 1px solid var(--line); }
          tbody tr:last-child { border-bottom: 0; }
          td, td:first-child, td:last-child { display: flex; gap: 12px; border: 0;
            padding: 3px 16px; text-align: right; justify-content: flex-end; flex-wrap: wrap;
            overflow-wrap: anywhere; }
          td::before { content: attr(data-label); color: var(--quiet); margin-right: auto; }
          .clip { max-width: 60vw; }
          .story li { flex-direction: column; gap: 0; }
        }
        @media (prefers-reduced-motion: no-preference) {
          progress::-webkit-progress-value { transition: width .4s; }
        }
        @media print { button, .skip { display: none; } }

        """
}
