package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"ghostlight/analysis/lift"
)

// page is everything the template shows, already in words. The template
// decides nothing but the order.
type page struct {
	Report       Report
	Title, Study string
	Verdict      tone
	Sentence     string // the claim
	More         string // what the verdict says after it
	Reasons      []string
	Trusted      bool
	Meta         []pair
	Level        string
	Units        string // what was randomized, in the plural

	Figures      []keyView
	Checks       []checkView
	CheckSummary string
	Warnings     []warningView
	Arms         []armView
	SampleRatio  string
	Lift         plot
	Metrics      []metricView
	Exact        []exactLine
	Caused       []causedView
	Credit       string // the rule of attribution

	Creatives       []creativeView
	CreativeNotes   []note
	CreativesHidden int
	CreativePlot    plot

	AttributionWindows []string
	Windows            []windowLine
	WindowsFinding     string

	Flows         []flowView
	Steps         []stepKey
	FlowsFinding  string
	FlowsHeight   int
	Overlap       []overlapView
	Gaps          []gapView
	Integrity     integrityView
	Claims        []claimView
	Verified      []verifiedView
	PaymentLabels []string // of the columns of Verified
	NotKnown      string   // why no purchase can be verified
	ExcessPlaces  []string
	NotFinal      bool

	DedupLists     []dedupView
	Findings       []findingView
	Match          []matchView
	Coverage       []coverageView
	Recovery       []recoveryView
	RecoveryHidden int
	Costs          []costView
	HasCosts       bool

	Freshness        []freshnessView
	DelayUnknown     bool // of some source
	Acceptance       []acceptanceView
	AcceptanceHidden int
	NoAnswers        bool // of no platform
	Consent          []consentView
	Undefined        []undefinedView
	Changes          []changeView

	Inputs       []inputView
	InputsHidden int
	Glossary     []pair
	Provenance   []pair
	Command      string

	Policy        string
	CSS           template.CSS
	Data          template.JS
	Library, Boot template.JS
}

type pair struct{ Name, Text string }

var pageTemplate = template.Must(template.New("page").Parse(pageHTML + iconsHTML))

// HTML renders the report as one self-contained page: nothing is requested from
// outside, only the two embedded scripts may run, and it reads completely with
// JavaScript switched off. It fails when a number is not finite or the report
// breaks its own rules (see Validate).
func HTML(r Report) ([]byte, error) {
	r, err := whole(r)
	if err != nil {
		return nil, err
	}
	return r.html()
}

func (r Report) html() ([]byte, error) {
	p, options := r.page()
	data, err := r.chartData(p, options)
	if err != nil {
		return nil, err
	}
	lib, err := library()
	if err != nil {
		return nil, err
	}
	p.Data = template.JS(data)
	p.Library, p.Boot = template.JS(lib), template.JS(bootJS)
	p.Policy = policy(lib, bootJS)
	var b bytes.Buffer
	b.Grow(len(lib) + 1<<17)
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("render page of study %q: %w", r.Study, err)
	}
	return b.Bytes(), nil
}

// chartData is the JSON block that the page's script draws from, one option a
// chart. encoding/json escapes < > & and the JavaScript line separators, and
// refuses numbers that are not finite.
func (r Report) chartData(p page, steps []stepKey) ([]byte, error) {
	charts := map[string]any{}
	add := func(name string, o map[string]any, err error) error {
		if err == nil {
			charts[name] = o
		}
		return err
	}
	if len(p.Lift.Rows) > 0 {
		o, err := intervalChart("lift", p.Lift, slotLift)
		if add("lift", o, err) != nil {
			return nil, err
		}
	}
	if len(p.CreativePlot.Rows) > 0 {
		o, err := intervalChart("creatives", p.CreativePlot, slotPlain)
		if add("creatives", o, err) != nil {
			return nil, err
		}
	}
	if len(p.Windows) > 0 && len(p.AttributionWindows) > 0 {
		cells := make([][]windowCellView, len(p.Windows))
		for i, l := range p.Windows {
			cells[i] = l.Cells
		}
		o, err := windowChart(p, cells)
		if add("windows", o, err) != nil {
			return nil, err
		}
	}
	if len(p.Flows) > 0 {
		o, err := flowChart(p.Flows, steps)
		if add("flows", o, err) != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(charts)
	if err != nil {
		return nil, fmt.Errorf("encode charts of study %q: %w", r.Study, err)
	}
	return data, nil
}

func (r Report) page() (page, []stepKey) {
	p := page{
		Report: r, Title: plain(r.Title), Study: plain(r.Study),
		Verdict:  toneOf(verdictTones, r.Verdict.State),
		Trusted:  r.Verdict.State != "not_trustworthy",
		Level:    levelText(r.Run.Level),
		Units:    r.units(),
		Figures:  r.keyViews(),
		Warnings: r.warningViews(),
		Arms:     r.armViews(), SampleRatio: r.sampleRatio(),
		Lift:    newPlot("Relative lift by metric and group", r.liftRows(), slotLift),
		Metrics: r.metricViews(), Exact: r.exactLines(), Caused: r.causedViews(),
		CreativePlot: newPlot("Attributed conversions per reached "+plain(r.Run.Unit)+" by creative, descriptive", r.creativeRows(), slotPlain),
		Credit:       plain(r.Windows.Rule) + " within " + duration(plain(r.Windows.Primary)) + ", descriptive",
		Windows:      r.windowLines(),
		Overlap:      r.overlapViews(),
		Gaps:         r.gapViews(), Claims: r.claimViews(), NotFinal: !r.Reconciliation.Final, Integrity: r.integrityView(),
		NotKnown: plain(r.Verification.NotKnown), ExcessPlaces: r.excessPlaces(),
		Match: r.matchViews(), Coverage: r.coverageViews(), Costs: r.costViews(), HasCosts: r.hasCosts(),
		Freshness: r.freshnessViews(), Consent: r.consentViews(), Undefined: r.undefinedViews(), NoAnswers: !r.hasAnswers(), Changes: r.changeViews(),
		Glossary: r.glossary(),
		Command:  plain(r.Provenance.Command),
		CSS:      template.CSS(pageCSS),
	}
	p.DedupLists, p.Findings = r.dedupViews()
	if p.Title == "" {
		p.Title = p.Study
	}
	p.Recovery, p.RecoveryHidden = r.recoveryViews()
	p.Sentence, p.More = r.claim()
	p.Sentence, p.More = together.Replace(p.Sentence), together.Replace(p.More)
	for _, reason := range r.Verdict.Reasons {
		if !says(r.Verdict.Sentence, reason) {
			p.Reasons = append(p.Reasons, plain(reason))
		}
	}
	for _, w := range r.Windows.AttributionWindows {
		name := plain(w)
		if w == r.Windows.Primary && r.Windows.PrimaryMatch == "" {
			name += " (configured)"
		}
		p.AttributionWindows = append(p.AttributionWindows, name)
	}
	p.Meta = []pair{
		{"Period", period(r.Run)},
		{"Outcome window", duration(plain(r.Run.OutcomeWindow)) + " after assignment"},
		{"Data received until", moment(r.Run.AsOf)},
		{"Randomized unit", plain(r.Run.Unit)},
	}
	p.Checks, p.CheckSummary = r.checkViews()
	p.Creatives, p.CreativeNotes, p.CreativesHidden = r.creativeViews()
	p.Inputs, p.InputsHidden = r.inputViews()
	p.Acceptance, p.AcceptanceHidden = r.acceptanceViews()
	p.DelayUnknown = slices.ContainsFunc(p.Freshness, func(f freshnessView) bool { return !f.Known })
	p.Flows, p.Steps = r.flowViews()
	p.Verified, p.PaymentLabels = r.verifiedViews()
	p.FlowsHeight = 50 + 54*len(p.Flows)
	p.WindowsFinding = r.windowsFinding()
	p.FlowsFinding = flowsFinding(p.Flows, p.Steps)
	p.Provenance = []pair{
		{"Run", plain(r.Run.ID)},
		{"Study", p.Study},
		{"Data received until", moment(r.Run.AsOf)},
		{"Configuration SHA-256", plain(r.Provenance.ConfigSHA256)},
		{"Event dictionary SHA-256", plain(r.Provenance.DictionarySHA256)},
		{"Inputs SHA-256", plain(r.Provenance.InputsSHA256)},
		{"Program", plain("Ghostlight " + r.Provenance.CodeVersion)},
		{"Engine", plain(r.Provenance.EngineVersion)},
		{"Time zone", plain(r.Provenance.TimeZone)},
		{"Results schema", fmt.Sprint(r.SchemaVersion)},
	}
	return p, p.Steps
}

// units names what was randomized, in the plural.
func (r Report) units() string {
	if r.Run.Unit == "" {
		return "units"
	}
	return plain(r.Run.Unit) + "s"
}

// claim splits the verdict into its first sentence, which the page sets large,
// and the rest. With several arms every sentence is a claim.
func (r Report) claim() (claim, more string) {
	s := plain(r.Verdict.Sentence)
	for _, m := range r.Metrics {
		if m.IsHeadline && len(m.Contrasts) > 1 {
			return s, ""
		}
	}
	if claim, more, found := strings.Cut(s, "). "); found {
		return claim + ").", more
	}
	return s, ""
}

// together keeps a number and what belongs to it on one line.
var together = strings.NewReplacer(" points", "\u00a0points", "p = ", "p\u00a0=\u00a0", "p < ", "p\u00a0<\u00a0", "p > ", "p\u00a0>\u00a0")

// says reports whether a sentence holds a clause, whatever its first letter and
// its full stop.
func says(sentence, clause string) bool {
	clause = strings.TrimSuffix(clause, ".")
	return clause != "" && strings.Contains(strings.ToLower(sentence), strings.ToLower(clause))
}

// duration writes a length of time such as "28d" or "36h" in words.
func duration(s string) string {
	for suffix, word := range map[string]string{"d": "day", "h": "hour"} {
		digits, found := strings.CutSuffix(s, suffix)
		if n, err := strconv.Atoi(digits); found && err == nil {
			if n == 1 {
				return "1 " + word
			}
			return digits + " " + word + "s"
		}
	}
	return s
}

func (r Report) windowsFinding() string {
	g := r.Windows
	if len(g.Cells) == 0 {
		return ""
	}
	low, high := g.Cells[0], g.Cells[0]
	for _, c := range g.Cells {
		if c.Attributed < low.Attributed {
			low = c
		}
		if c.Attributed > high.Attributed {
			high = c
		}
	}
	text := fmt.Sprintf("Attributed conversions range from %s (attribution window %s, evidence no older than %s) to %s (%s, %s)",
		lift.FormatCount(low.Attributed), duration(plain(low.AttributionWindow)), duration(plain(low.MatchWindow)),
		lift.FormatCount(high.Attributed), duration(plain(high.AttributionWindow)), duration(plain(high.MatchWindow)))
	if c, ok := r.primaryCell(); ok {
		text += fmt.Sprintf("; the configured windows (%s, %s) give %s", duration(plain(c.AttributionWindow)), duration(plain(c.MatchWindow)), lift.FormatCount(c.Attributed))
	}
	return text + "."
}

func flowsFinding(flows []flowView, steps []stepKey) string {
	text := "What became of each source's records"
	for _, f := range flows {
		text += ". " + f.Name + ", " + f.Records + " records"
		for _, k := range steps {
			if n := f.recordsOf(k.Category); n > 0 {
				text += ", " + k.Label + " " + lift.FormatShare(n, f.records)
			}
		}
	}
	return text + "."
}

func (r Report) glossary() []pair {
	unit := plain(r.Run.Unit)
	if unit == "" {
		unit = "unit"
	}
	return []pair{
		{"Lift", "How much more often the outcome happened in the group that could see the ads than in the holdout, by the same count in both: everything that " + unit + "s did from their assignment on, whether or not they saw an ad."},
		{"Incremental", "The difference between the group and the holdout, times the size of the group: what would not have happened without the ads. Where the outcome is a rate, a " + unit + " counts once, however often it converted."},
		{"Attributed", "Conversions that followed an ad within the attribution window. It says which ads came before, not what they caused; some of these would have happened anyway."},
		{levelText(r.Run.Level), "If the same experiment were run many times, intervals made this way would hold the true value in " + lift.FormatLevel(r.Run.Level) + " of them. A wide interval is a weak answer, whatever its middle."},
		{"p", "How often a difference at least this large would appear by chance if the ads did nothing. It comes from the same test as the interval, so the two never disagree."},
		{"Points", "Percentage points, the difference between two rates: from 2% to 3% is +1 point, and a relative lift of +50%."},
		{"Unbounded", "The data do not rule out any value on that side. This happens to a relative lift when the holdout's value is too close to zero to divide by, and to a cost when nothing may have been added."},
		{"n", "How many " + unit + "s stand behind a number: those of the group, vs those of the holdout."},
		{"Randomized, descriptive", "Randomized numbers compare groups made by lot: chance aside, which the interval covers, only the ads can make them differ. Descriptive numbers only describe what was seen."},
		{"Attribution window", "How far before the conversion the ad may lie, in elapsed time."},
		{"Match window", "How old the evidence may be that joins an ad and a conversion to one " + unit + "."},
		{"Consent", "A record whose person denied measurement is counted, so that the loss is known, and used for nothing else. What personalisation was allowed is counted too and decides nothing here."},
		{"Sample ratio", "A test that the groups have the sizes that the design asks for. When they do not, something other than chance decided who is in them, and no result can be trusted."},
		{"Rounding", "Numbers are rounded to what their interval supports, counts from 10 on to whole ones, money from 1,000 on to whole units. The exact values are in the table above and, at full precision, in results.json and the CSV tables beside this page."},
	}
}
