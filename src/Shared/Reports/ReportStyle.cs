namespace ClusterBench.Reports;

/// <summary>The look of every HTML report, written into the file itself.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --line: #d6dce4; --paper: #ffffff; --tint: #eef1f5; --bar: #2f74b5; --mark: #b45309; --marktint: #fdf3e3; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e4e9f0; --soft: #9aa7b8; --line: #344050; --paper: #12171e; --tint: #222b37; --bar: #5aa2e0; --mark: #f0b35a; --marktint: #2b2317; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.8rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 2px solid var(--line); }
        header p { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
        .wide { overflow-x: auto; margin: 0 0 1.5rem; }
        table { border-collapse: collapse; min-width: min(100%, 24rem); }
        caption { text-align: left; color: var(--soft); font-size: .875rem; padding: 0 0 .35rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
        thead th, thead td { border-bottom: 2px solid var(--line); font-weight: 600; }
        tbody th { font-weight: 600; }
        .list th { font-weight: 400; color: var(--soft); white-space: nowrap; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .bar { min-width: 9rem; font-weight: 600; padding-bottom: .75rem;
          background: linear-gradient(to right, var(--bar) var(--share), var(--tint) var(--share)) no-repeat right .9rem bottom .35rem / calc(100% - 1.5rem) .3rem; }
        code, pre { font: .85rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
        td code { display: inline-block; min-width: min(100%, 12rem); overflow-wrap: anywhere; }
        td:has(code) { min-width: 14rem; }
        pre { background: var(--tint); border: 1px solid var(--line); border-radius: .4rem; padding: .8rem 1rem; overflow-x: auto; margin: 0 0 1rem; }
        .wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
        .time { white-space: nowrap; }
        .remarks { margin: 0; padding: .7rem 1rem .7rem 2rem; background: var(--tint); border-left: 4px solid var(--bar); border-radius: .2rem; }
        .warning { background: var(--marktint); border-left-color: var(--mark); }
        .remarks li { white-space: pre-line; overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem 2rem; margin: 0 0 1.5rem; }
        figure { margin: 0; }
        figcaption { color: var(--soft); font-size: .875rem; padding: 0 0 .35rem; }
        .key { display: inline-block; margin-left: .9rem; color: var(--ink); }
        .key svg { width: 1.6rem; height: .6rem; margin-right: .3rem; vertical-align: baseline; }
        .chart { display: block; width: 100%; height: auto; }
        .chart text { fill: var(--soft); font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
        .grid { stroke: var(--line); }
        .axis { stroke: var(--soft); }
        .c0 { --curve: var(--bar); }
        .c1 { --curve: var(--mark); }
        .line { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .c1 .line { stroke-dasharray: 6 4; }
        .band { fill: var(--curve); opacity: .2; }
        .dot { fill: var(--curve); }
        .happened { stroke: var(--mark); stroke-dasharray: 2 3; }
        .hit { fill: transparent; stroke: transparent; stroke-width: 9; }
        rect.hit { stroke: none; }
        rect.hit:hover { fill: var(--soft); fill-opacity: .18; }
        :focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
        @media print {
          :root { --ink: #000; --soft: #333; --line: #999; --paper: #fff; --bar: #777; --tint: #eee; --marktint: #fff; }
          body { font-size: 10pt; }
          main { max-width: none; padding: 0; }
          .wide, pre { overflow: visible; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
          .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          tr, figure { break-inside: avoid; }
          thead { display: table-header-group; }
          h2 { break-after: avoid; }
        }

        """;
}
