package reports

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ghostlight/analysis/lift"
)

// Integrity is whether the streams of events and orders came as they should. A stream is
// the records of one source, surface and platform that are one event of the dictionary. It
// counts records and nothing of it enters a lift.
type Integrity struct {
	Checks       []StreamCheck         `json:"checks"`
	Streams      []Stream              `json:"streams"`
	StreamDays   []StreamDay           `json:"stream_days"`
	Silences     []Silence             `json:"silences"`
	Completeness []CompletenessDay     `json:"completeness"`
	Versions     []CompletenessVersion `json:"completeness_by_version"`
	Steps        []StreamStep          `json:"steps"`
	Ranges       []ValueRange          `json:"ranges"`
	Refused      []RefusedField        `json:"refused"`
	Currencies   []CurrencyDay         `json:"currencies"`
	Tests        []TestTraffic         `json:"test_traffic"`
}

// StreamName says which records a line is about. Platform is empty where the records state
// none, Event and Surface where all are meant.
type StreamName struct {
	Source   string `json:"source"`
	Surface  string `json:"surface"`
	Platform string `json:"platform"`
	Event    string `json:"event"`
}

// StreamCheck is one check of one stream.
type StreamCheck struct {
	Name  string `json:"check"` // firing, completeness, currency, range, types or test_markers
	Label string `json:"label"`
	StreamName
	Subject string `json:"subject"` // the parameter of completeness
	Status  string `json:"status"`  // failed, look, not seen or ok
	Records int64  `json:"records"` // that were checked
	Found   int64  `json:"found"`   // of them, or of days or silences, what the check found
	Detail  string `json:"detail"`
}

// Stream is when the records of a stream came.
type Stream struct {
	StreamName
	Records    int64     `json:"records"`
	First      time.Time `json:"first_seen"`
	Last       time.Time `json:"last_seen"`
	Dispersion float64   `json:"dispersion"` // variance to mean of the records of a day around what is expected
	IsJudged   bool      `json:"is_judged"`  // there are records enough to tell a silence by
}

// StreamDay is the records of a day, and how many the stream's own history lets expect.
type StreamDay struct {
	StreamName
	Day      string  `json:"day"`
	Records  int64   `json:"records"`
	Expected float64 `json:"expected"`
	IsLow    bool    `json:"is_low"`
}

// Silence is a time without a record that is longer than chance makes it.
type Silence struct {
	StreamName
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Kind     string    `json:"kind"`     // hole; began: before the first record; ended: after the last
	Expected float64   `json:"expected"` // records that would have come meanwhile
	P        float64   `json:"p"`        // of so long a silence anywhere in the stream
	Others   int64     `json:"others"`   // records of the event that other streams had meanwhile
	OthersP  float64   `json:"others_p"` // of none of them being this stream's by chance
}

// CompletenessDay is how many records of a day carry each parameter.
type CompletenessDay struct {
	StreamName
	Day      string `json:"day"`
	Records  int64  `json:"records"`
	Value    int64  `json:"with_value"`
	Currency int64  `json:"with_currency"`
	OrderID  int64  `json:"with_order_id"`
	EventID  int64  `json:"with_event_id"`
}

// CompletenessVersion is how many records of an app version carry each parameter. The ten most
// frequent of a stream are told, and the others together.
type CompletenessVersion struct {
	StreamName
	AppVersion string    `json:"app_version"` // empty: the others
	Versions   int64     `json:"versions"`    // how many these are; 1 with a name
	First      time.Time `json:"first_seen"`
	Records    int64     `json:"records"`
	Value      int64     `json:"with_value"`
	Currency   int64     `json:"with_currency"`
	OrderID    int64     `json:"with_order_id"`
	EventID    int64     `json:"with_event_id"`
}

// StreamStep is a day from which another share of a stream carries a parameter or states a
// currency, against the days since the step before.
type StreamStep struct {
	StreamName
	Subject       string  `json:"subject"` // a parameter, or currency: and a code
	Day           string  `json:"day"`
	BeforeRecords int64   `json:"before_records"`
	BeforeWith    int64   `json:"before_with"`
	AfterRecords  int64   `json:"after_records"`
	AfterWith     int64   `json:"after_with"`
	P             float64 `json:"p"`
}

// ValueRange counts the values of a stream that lie outside the range of its event.
type ValueRange struct {
	StreamName
	Records     int64   `json:"records"` // with a value
	Below       int64   `json:"below"`
	Above       int64   `json:"above"`
	LeastMicros int64   `json:"least_micros"`
	MostMicros  int64   `json:"most_micros"`
	Samples     []Place `json:"samples"` // at most twenty
}

// RefusedField counts the rows that the load refused for one column and rule.
type RefusedField struct {
	Source string `json:"source"`
	Column string `json:"column"` // empty: the row as a whole
	Rule   string `json:"rule"`
	Rows   int64  `json:"rows"`
	First  Place  `json:"first"`
}

// CurrencyDay is the records of a day that state one currency.
type CurrencyDay struct {
	StreamName
	Day      string `json:"day"`
	Currency string `json:"currency"`
	Records  int64  `json:"records"`
}

// TestTraffic is the records of a stream that are marked as tests.
type TestTraffic struct {
	StreamName
	Records int64     `json:"records"`
	First   time.Time `json:"first_seen"`
	Last    time.Time `json:"last_seen"`
}

// streamStatuses are the outcomes of a check in the order in which they are shown, and how
// each looks.
var streamStatuses = []struct {
	name string
	tone tone
}{
	{"failed", tone{"bad", "stop", "Failed"}},
	{"look", tone{"watch", "warn", "Look"}},
	{"not seen", tone{"calm", "dash", "Not seen"}},
	{"ok", tone{"good", "check", "Ok"}},
}

func streamStatus(name string) int {
	return slices.IndexFunc(streamStatuses, func(s struct {
		name string
		tone tone
	}) bool {
		return s.name == name
	})
}

// integrity says which checks have an outcome that nobody knows, or find more than there is.
func (c *checker) integrity(in Integrity) {
	for i, check := range in.Checks {
		path := fmt.Sprintf("integrity.checks[%d]", i)
		if streamStatus(check.Status) < 0 {
			c.fault(path+".status", "is %q", check.Status)
		}
		if check.Status == "ok" && check.Records == 0 {
			c.fault(path, "is ok and saw no record")
		}
	}
	for i, d := range in.Completeness {
		if most := max(d.Value, d.Currency, d.OrderID, d.EventID); most > d.Records {
			c.fault(fmt.Sprintf("integrity.completeness[%d]", i), "has a parameter on %d of %d records", most, d.Records)
		}
	}
}

// name is a stream as the page calls it.
func (s StreamName) name() string {
	name := plain(s.Source)
	if s.Platform != "" {
		name += " (" + plain(s.Platform) + ")"
	}
	return name
}

type integrityView struct {
	Summary []checkSummary
	Checks  []streamCheckView
	Hidden  int
	Streams []streamView
	More    int // streams that are not shown
	Places  []placeView
}

type checkSummary struct {
	Label  string
	Counts []flowCell // in the order of streamStatuses
}

type streamCheckView struct {
	Tone                         tone
	Label, Stream, Event, Detail string
}

type streamView struct {
	Stream, Event, Records, First, Last, Surface string
}

type placeView struct{ Stream, Event, Where, Hidden string }

// How many lines the page shows of the checks that are not ok, and of the streams.
const (
	maxStreamChecks = 30
	maxStreams      = 30
)

func (r Report) integrityView() (v integrityView) {
	in := r.Integrity
	var order []string
	counts := map[string][]int64{}
	for _, c := range in.Checks {
		if counts[c.Label] == nil {
			counts[c.Label] = make([]int64, len(streamStatuses))
			order = append(order, c.Label)
		}
		counts[c.Label][streamStatus(c.Status)]++
	}
	for _, label := range order {
		s := checkSummary{Label: plain(label)}
		for _, n := range counts[label] {
			s.Counts = append(s.Counts, flowCell{Count: lift.FormatCount(n), Zero: n == 0})
		}
		v.Summary = append(v.Summary, s)
	}
	checks := slices.Clone(in.Checks)
	slices.SortStableFunc(checks, func(a, b StreamCheck) int { return cmp.Compare(streamStatus(a.Status), streamStatus(b.Status)) })
	for _, c := range checks {
		switch {
		case c.Status == "ok":
		case len(v.Checks) == maxStreamChecks:
			v.Hidden++
		default:
			label := c.Label
			if c.Subject != "" {
				label += " of " + c.Subject
			}
			v.Checks = append(v.Checks, streamCheckView{streamStatuses[streamStatus(c.Status)].tone, plain(label), c.name(), plain(c.Event), plain(c.Detail)})
		}
	}
	for _, s := range in.Streams {
		if len(v.Streams) == maxStreams {
			v.More++
			continue
		}
		v.Streams = append(v.Streams, streamView{s.name(), plain(s.Event), lift.FormatCount(s.Records),
			s.First.Format("2006-01-02 15:04"), s.Last.Format("2006-01-02 15:04"), plain(s.Surface)})
	}
	for _, x := range in.Ranges {
		p := placeView{Stream: x.name(), Event: plain(x.Event)}
		for i, s := range x.Samples {
			if i == maxGapSamples {
				break
			}
			if i > 0 {
				p.Where += ", "
			}
			p.Where += fmt.Sprintf("%s line %d", plain(s.Path), s.Line)
		}
		if more := x.Below + x.Above - int64(min(len(x.Samples), maxGapSamples)); more > 0 {
			p.Hidden = lift.FormatCount(more)
		}
		if p.Where != "" {
			v.Places = append(v.Places, p)
		}
	}
	return v
}
