package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drawn is what a chart on the page looks like from inside it.
type drawn struct {
	ID      string `json:"id"`
	Series  int    `json:"series"`
	Data    int    `json:"data"`
	Colours int    `json:"colours"`
	Canvas  int    `json:"canvas"`
	Fits    bool   `json:"fits"`
}

const inspect = `Array.from(document.querySelectorAll('.live')).map(box => {
	const chart = echarts.getInstanceByDom(box);
	const series = chart ? chart.getOption().series : [];
	const canvases = Array.from(box.querySelectorAll('canvas'));
	const colours = new Set();
	canvases.forEach(c => {
		const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);
		for (let i = 0; i < d.length; i += 3) colours.add(d[i]);
	});
	return {id: box.id, series: series.length, data: series.reduce((n, s) => n + s.data.length, 0), colours: colours.size,
		canvas: canvases.length, fits: box.clientWidth <= box.parentNode.clientWidth && box.clientHeight > 60};
})`

func checkDrawn(t *testing.T, v *visit, want ...string) {
	t.Helper()
	var charts []drawn
	v.ask(t, &charts, inspect)
	ids := []string{}
	for _, c := range charts {
		ids = append(ids, strings.TrimPrefix(c.ID, "chart-"))
		if c.Series == 0 || c.Data == 0 || c.Canvas == 0 || c.Colours < 8 || !c.Fits {
			t.Errorf("chart %s did not draw: %+v", c.ID, c)
		}
	}
	if got := fmt.Sprint(ids); got != fmt.Sprint(want) {
		t.Errorf("charts %v, want %v", got, want)
	}
}

func TestBrowserDrawsEveryChart(t *testing.T) {
	all := []string{"lift", "creatives", "windows", "flows"}
	for _, tt := range []struct {
		name string
		r    Report
		o    visitOptions
		want []string
	}{
		{"light", sample(), visitOptions{}, all},
		{"dark", sample(), visitOptions{dark: true}, all},
		{"phone", sample(), visitOptions{width: 375, height: 800}, all},
		{"mixed", mixed(), visitOptions{}, all},
		{"not trustworthy", broken(), visitOptions{}, all},
		{"no holdout", noHoldout(), visitOptions{}, []string{"windows", "flows"}},
		{"nothing at all", Report{Verdict: Verdict{State: "not_estimable"}}, visitOptions{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := open(t, tt.r, tt.o)
			checkDrawn(t, v, tt.want...)
			v.quiet(t)
		})
	}
}

// TestBrowserDrawsIntervals looks at the pixels of the forest plot: in the row
// of an interval that is unbounded, or goes on beyond the axis, the line must
// reach the right edge of the plot and end in an arrow head, and in the row
// without an estimate nothing may be drawn.
func TestBrowserDrawsIntervals(t *testing.T) {
	v := open(t, mixed(), visitOptions{})
	var rows [][2]int // pixels before the edge, or -1; 1 with an arrow head
	v.ask(t, &rows, `(() => {
		const chart = echarts.getInstanceByDom(document.getElementById('chart-lift'));
		const canvas = chart.getDom().querySelector('canvas');
		const option = chart.getOption();
		const right = chart.convertToPixel({xAxisIndex: 0}, option.xAxis[0].max);
		const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
		const rgb = [1, 3, 5].map(i => parseInt(accent.slice(i, i + 2), 16));
		return option.series[0].data.map((item, i) => {
			const y = Math.round(chart.convertToPixel({yAxisIndex: 0}, i));
			const line = canvas.getContext('2d').getImageData(0, y, Math.round(right) + 2, 1).data;
			const inked = (d, x) => rgb.every((c, k) => Math.abs(d[4 * x + k] - c) < 12);
			let last = -1;
			for (let x = 0; x < line.length / 4; x++) {
				if (inked(line, x)) last = x;
			}
			const head = [-3, 3].every(dy => inked(canvas.getContext('2d').getImageData(Math.round(right) - 8, y + dy, 1, 1).data, 0));
			return [last < 0 ? -1 : Math.round(right) - last, head ? 1 : 0];
		});
	})()`)
	want := []string{"inside", "arrow", "nothing", "inside", "arrow", "nothing", "arrow"}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, end := range rows {
		got := "inside"
		switch {
		case end[0] < 0:
			got = "nothing"
		case end[0] < 6 && end[1] == 1:
			got = "arrow"
		case end[0] < 6:
			got = "edge"
		}
		if got != want[i] {
			t.Errorf("row %d ends: %s (%d pixels before the edge), want %s", i, got, end[0], want[i])
		}
	}
}

// payloads are names that ran, or broke the page, in at least one way of
// writing charts into HTML.
var payloads = []string{
	`</script><script>window.__pwn=1</script>`,
	`__f__(window.__pwn=1)__f__`,
	`<!--<script>`,
	`<img src=x onerror="window.__pwn=1">`,
	`<svg onload=window.__pwn=1>`,
	`" onmouseover="window.__pwn=1" x="`,
	`' onfocus='window.__pwn=1' autofocus='`,
	`</title><script>window.__pwn=1</script>`,
	`</style><script>window.__pwn=1</script>`,
	`javascript:window.__pwn=1`,
	"line\u2028and\u2029paragraph",
	`{b}{a|rich}{$fn}`,
	`{"$fn":"constructor"}`,
	`{{.Report}}`,
	`&lt;img src=x onerror=alert(1)&gt;`,
	"report\u202Egpj.exe",
	`${window.__pwn=1}`,
	`=cmd|' /C calc'!A0`,
}

// infect puts one text into every field of a report that holds text from
// outside.
func infect(s string) Report {
	r := mixed()
	r.Study, r.Title, r.Run.ID, r.Run.OutcomeWindow, r.Run.Unit = s, s, s, s, s
	r.Verdict.Sentence, r.Verdict.Reasons = s, []string{s}
	for i := range r.KeyFigures {
		k := &r.KeyFigures[i]
		k.Label, k.Note = s, s
		if k.Number.NotEstimable != "" {
			k.Number.NotEstimable = s
		}
	}
	for i := range r.Trust {
		r.Trust[i].Label, r.Trust[i].Value, r.Trust[i].Detail = s, s, s
	}
	for i := range r.Warnings {
		r.Warnings[i].Text = s
	}
	for i := range r.Arms {
		r.Arms[i].Label = s
	}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		m.Label, m.Event, m.From = s, s, []string{s}
		for j := range m.Contrasts {
			m.Contrasts[j].Relative.Method = s
			if m.Contrasts[j].Relative.NotEstimable != "" {
				m.Contrasts[j].Relative.NotEstimable = s
			}
		}
	}
	for i := range r.Creatives {
		r.Creatives[i].Creative, r.Creatives[i].Campaign = s, s
		r.Creatives[i].Lift.NotEstimable = s
	}
	r.Windows.Event, r.Windows.Rule = s, s
	r.Windows.MatchWindows[0] = s
	r.Windows.AttributionWindows[0] = s
	for i := range r.Windows.Cells {
		c := &r.Windows.Cells[i]
		if c.MatchWindow == "1d" {
			c.MatchWindow = s
		}
		if c.AttributionWindow == "1d" {
			c.AttributionWindow = s
		}
	}
	for i := range r.Reconciliation.Flows {
		f := &r.Reconciliation.Flows[i]
		f.Source, f.Surface, f.Event = s, s, s
		f.Steps[0].Label = s
	}
	for i := range r.Reconciliation.Overlap {
		r.Reconciliation.Overlap[i].Event, r.Reconciliation.Overlap[i].Surfaces = s, s
	}
	for i := range r.Reconciliation.Gaps {
		g := &r.Reconciliation.Gaps[i]
		g.First, g.Second, g.Event, g.Reason = s, s, s, s
		for j := range g.Causes {
			g.Causes[j].Label = s
			for k := range g.Causes[j].Samples {
				g.Causes[j].Samples[k].Path = s
			}
		}
	}
	for i := range r.Verification.Lists {
		l := &r.Verification.Lists[i]
		l.List, l.Event, l.States[0].Label = s, s, s
	}
	r.Verification.ExcessRefunds[0].Path = s
	for i := range r.Integrity.Checks {
		c := &r.Integrity.Checks[i]
		c.Label, c.Subject, c.Detail, c.StreamName = s, s, s, StreamName{s, s, s, s}
	}
	for i := range r.Integrity.Streams {
		r.Integrity.Streams[i].StreamName = StreamName{s, s, s, s}
	}
	for i := range r.Integrity.Ranges {
		x := &r.Integrity.Ranges[i]
		x.StreamName, x.Samples[0].Path = StreamName{s, s, s, s}, s
	}
	p := &r.Provenance
	p.CodeVersion, p.EngineVersion, p.TimeZone, p.Command, p.ConfigSHA256, p.DictionarySHA256, p.InputsSHA256 = s, s, s, s, s, s, s
	for i := range p.Inputs {
		p.Inputs[i].File, p.Inputs[i].Source, p.Inputs[i].SHA256 = s, s, s
	}
	return r
}

func TestBrowserInjectedNamesStayText(t *testing.T) {
	for i, s := range payloads {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			v := open(t, infect(s), visitOptions{})
			checkDrawn(t, v, "lift", "creatives", "windows", "flows")
			// Tooltips are the one place where the library writes HTML.
			v.ask(t, new(bool), `['lift', 'creatives', 'windows', 'flows'].every(id => {
				const chart = echarts.getInstanceByDom(document.getElementById('chart-' + id));
				chart.getOption().series.forEach((s, i) => s.data.forEach((d, k) => chart.dispatchAction({type: 'showTip', seriesIndex: i, dataIndex: k})));
				return true;
			})`)
			var state struct {
				Pwn      bool   `json:"pwn"`
				Scripts  int    `json:"scripts"`
				Handlers int    `json:"handlers"`
				Images   int    `json:"images"`
				H1       string `json:"h1"`
				Title    string `json:"title"`
				Tips     string `json:"tips"`
			}
			v.ask(t, &state, `{pwn: 'undefined' !== typeof window.__pwn, scripts: document.scripts.length,
				handlers: Array.from(document.querySelectorAll('*')).filter(e => Array.from(e.attributes).some(a => a.name.startsWith('on'))).length,
				images: document.images.length + document.querySelectorAll('svg[onload]').length,
				h1: document.querySelector('h1').textContent, title: document.title,
				tips: Array.from(document.querySelectorAll('.live')).map(e => e.textContent).join(' ')}`)
			if state.Pwn || state.Scripts != 3 || state.Handlers != 0 || state.Images != 0 {
				t.Errorf("payload %q ran or became markup: %+v", s, state)
			}
			if state.H1 != plain(s) {
				t.Errorf("the title shows as %q, want %q", state.H1, plain(s))
			}
			if !strings.Contains(state.Tips, plain(s)) {
				t.Errorf("no tooltip shows %q as text: %.300q", plain(s), state.Tips)
			}
			v.quiet(t)
		})
	}
}

// Even if markup from outside reached the page, its policy would stop it: no
// script but the two named ones runs, and nothing is fetched.
func TestBrowserPolicyStopsWhatIsInjected(t *testing.T) {
	html, err := HTML(sample())
	if err != nil {
		t.Fatal(err)
	}
	evil := `<script>window.__pwn=1</script><svg onload="window.__pwn=1"></svg><img src="file:///nowhere.png"><iframe src="about:blank"></iframe></main>`
	v := openHTML(t, []byte(strings.Replace(string(html), "</main>", evil, 1)), visitOptions{})
	var ran bool
	v.ask(t, &ran, `'undefined' !== typeof window.__pwn`)
	if ran {
		t.Error("an injected script ran")
	}
	var said string
	stopped := func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		said = strings.Join(v.faults, "\n")
		return strings.Count(said, "Content Security Policy") >= 3
	}
	if !eventually(stopped) {
		t.Errorf("the policy did not stop the script, the handler and the picture: %s", said)
	}
}

func TestBrowserWithoutJavaScript(t *testing.T) {
	for _, r := range []Report{sample(), mixed(), noHoldout()} {
		v := open(t, r, visitOptions{noJS: true})
		// With scripts off nothing can be evaluated, so the page is read through
		// the accessibility tree and by searching the rendered text.
		nodes := visibleText(t, v)
		claim, more := r.claim()
		for _, want := range []string{together.Replace(claim), together.Replace(more), "Counted as a conversion", "14,335", "Attributed conversions by the age of the identity evidence used", "Adds up", r.Provenance.Command} {
			if !strings.Contains(nodes, want) {
				t.Errorf("%s: %q cannot be read without JavaScript", r.Study, want)
			}
		}
		if len(r.Metrics) > 0 && !strings.Contains(nodes, "+43%") {
			t.Errorf("%s: the lift cannot be read without JavaScript", r.Study)
		}
		v.quiet(t)
	}
}

func TestBrowserPhoneDoesNotScrollSideways(t *testing.T) {
	for _, r := range []Report{sample(), mixed(), broken(), noHoldout(), infect(strings.Repeat("an-unbreakable-name", 16))} {
		for _, noJS := range []bool{false, true} {
			v := open(t, r, visitOptions{width: 375, height: 800, noJS: noJS})
			if width := pageWidth(t, v); width > 375 {
				t.Errorf("%.40s (JavaScript off: %v): the page is %v wide at 375", r.Study, noJS, width)
			}
		}
	}
}

func TestBrowserSortsAndFollowsTheTheme(t *testing.T) {
	v := open(t, sample(), visitOptions{})
	var first []string
	v.ask(t, &first, `(() => {
		const table = document.querySelector('table.sortable');
		const top = () => table.tBodies[0].rows[0].cells[0].querySelector('.name').textContent;
		const press = i => table.tHead.rows[0].cells[i].querySelector('button').click();
		const out = [top()];
		press(3); out.push(top());
		press(3); out.push(top(), table.tHead.rows[0].cells[3].getAttribute('aria-sort'));
		return out;
	})()`)
	want := "[Harvest table :30 Harvest table :30 Gift card offer :15 ascending]"
	if got := fmt.Sprint(first); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	const ink = `echarts.getInstanceByDom(document.getElementById('chart-lift')).getOption().yAxis[0].axisLabel.color`
	var light, dark string
	v.ask(t, &light, ink)
	v.theme(t, "dark")
	eventually(func() bool {
		v.ask(t, &dark, ink)
		return dark != light
	})
	if light == "" || light == dark {
		t.Errorf("chart labels are %q in light and %q in dark", light, dark)
	}
	v.quiet(t)
}

func TestBrowserPrints(t *testing.T) {
	v := open(t, sample(), visitOptions{width: 794, height: 1000, print: true})
	var state struct {
		Live, Static, Width int
	}
	v.ask(t, &state, `{Live: Array.from(document.querySelectorAll('.has-static .live')).filter(e => e.offsetHeight > 0).length,
		Static: Array.from(document.querySelectorAll('.has-static .static')).filter(e => e.offsetHeight > 0).length,
		Width: document.documentElement.scrollWidth}`)
	if state.Live != 0 || state.Static != 3 || state.Width > 794 {
		t.Errorf("in print %d canvases and %d drawings show, %d wide", state.Live, state.Static, state.Width)
	}
}

func TestBrowserIndex(t *testing.T) {
	out := t.TempDir()
	for i, r := range []Report{sample(), broken(), infect(payloads[0]), infect(payloads[3]), infect(strings.Repeat("unbreakable", 30))} {
		mustWrite(t, filepath.Join(out, "study", fmt.Sprintf("run%d", i)), r)
	}
	if err := Index(out, nil); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	v := openHTML(t, html, visitOptions{width: 375, height: 800})
	var state struct {
		Pwn     bool
		Scripts int
		Links   []string
	}
	v.ask(t, &state, `{Pwn: 'undefined' !== typeof window.__pwn, Scripts: document.scripts.length,
		Links: Array.from(document.querySelectorAll('h2 a')).map(a => a.getAttribute('href') + ' ' + a.textContent)}`)
	if state.Pwn || state.Scripts != 0 || len(state.Links) != 5 {
		t.Errorf("%+v", state)
	}
	if want := "./study/run0/report.html " + sample().Title; !strings.Contains(fmt.Sprint(state.Links), want) {
		t.Errorf("no link %q in %q", want, state.Links)
	}
	if width := pageWidth(t, v); width > 375 {
		t.Errorf("the index is %v wide at 375", width)
	}
	v.quiet(t)
}
