package reports

import (
	"cmp"
	"fmt"
	"slices"

	"ghostlight/analysis/lift"
)

// Quality says how the records of events and orders came: under which unknown
// names, how soon, what became of them at their platforms, and with whose consent.
// It counts records and nothing of it enters a lift.
type Quality struct {
	Undefined    []Undefined    `json:"undefined_events"`
	Freshness    []Freshness    `json:"freshness"`
	Acceptance   []Acceptance   `json:"acceptance"`
	Consent      []Consent      `json:"consent"`
	ConsentUnits []ConsentUnits `json:"consent_units"`
}

// Undefined counts the records of one source and platform under one name that the
// event dictionary does not know; they are not used. The ten most frequent names are
// told, and the others together.
type Undefined struct {
	Source   string `json:"source"`
	Platform string `json:"platform"`
	Event    string `json:"event"` // as the platform calls it, cut to 80 characters; empty: the others
	Names    int64  `json:"names"` // how many these are; 1 with a name
	Records  int64  `json:"records"`
}

// Freshness is how long after what it tells of a record of one source arrived,
// in microseconds: the delay that at least 50, 95 and 99 of 100 records do not
// exceed. All three are null when the source states no time of receipt. Test
// traffic and records that denied measurement are left out.
type Freshness struct {
	Source  string `json:"source"`
	Records int64  `json:"records"`
	P50US   *int64 `json:"p50_us"`
	P95US   *int64 `json:"p95_us"`
	P99US   *int64 `json:"p99_us"`
}

// Acceptance is what became of the events of one source and platform at the
// platform, as far as the archive says: Records = Accepted + Refused + Unknown.
type Acceptance struct {
	Source   string `json:"source"`
	Platform string `json:"platform"`
	Event    string `json:"event"`
	// InDictionary says that Event is the dictionary's name; without, it is the platform's own.
	InDictionary bool   `json:"in_dictionary"`
	LimitUS      *int64 `json:"limit_us"` // oldest event that the platform takes, in microseconds; null: not known
	Records      int64  `json:"records"`
	Accepted     int64  `json:"accepted"`
	Refused      int64  `json:"refused"`
	Unknown      int64  `json:"unknown"`   // the archive holds no answer
	AgeKnown     int64  `json:"age_known"` // of all records: the archive says when they were received
	// BeyondLimit are the records that were older than the limit on arrival, and
	// WouldBeRefused those of them whose answer is unknown.
	BeyondLimit    int64 `json:"beyond_limit"`
	WouldBeRefused int64 `json:"would_be_refused"`
}

// Consent counts the records of one arm and surface by what their person said of
// one purpose. The states of a purpose add up to all records but test traffic.
type Consent struct {
	Arm     string `json:"arm"`     // empty: of no unit, or outside its outcome window
	Surface string `json:"surface"` // pixel, server, app, analytics or crm
	Purpose string `json:"purpose"` // measurement or personalisation
	State   string `json:"state"`   // granted, denied or unknown
	Records int64  `json:"records"`
}

// ConsentUnits counts the units of one arm with a record inside their outcome
// window by the strictest word on measurement that one of these carries: denied,
// then granted, then unknown.
type ConsentUnits struct {
	Arm   string `json:"arm"`
	State string `json:"state"`
	Units int64  `json:"units"`
}

// The words of consent.
var (
	consentPurposes = []string{"measurement", "personalisation"}
	consentStates   = []string{"granted", "denied", "unknown"}
)

type freshnessView struct {
	Source, Records string
	Known           bool
	P50, P95, P99   string
}

func (r Report) freshnessViews() (views []freshnessView) {
	for _, f := range r.Quality.Freshness {
		v := freshnessView{Source: plain(f.Source), Records: lift.FormatCount(f.Records)}
		if f.P50US != nil && f.P95US != nil && f.P99US != nil {
			v.Known = true
			v.P50, v.P95, v.P99 = lift.FormatDuration(*f.P50US), lift.FormatDuration(*f.P95US), lift.FormatDuration(*f.P99US)
		}
		views = append(views, v)
	}
	return views
}

type acceptanceView struct {
	Platform, Event, Source          string
	Limit, Records                   string
	Accepted, Refused, Unknown, Late string
	Of                               string // records whose age is known, when these are not all
	InDictionary, HasLimit, HasLate  bool
}

// acceptanceViews lists what can be said anything of: a limit is known, or the
// platform's answer. Lines of one platform stand together, then those of one event.
func (r Report) acceptanceViews() (views []acceptanceView, hidden int) {
	lines := slices.Clone(r.Quality.Acceptance)
	slices.SortStableFunc(lines, func(a, b Acceptance) int {
		return cmp.Or(cmp.Compare(a.Platform, b.Platform), compareBool(b.InDictionary, a.InDictionary), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Source, b.Source))
	})
	for _, a := range lines {
		if a.LimitUS == nil && a.Accepted+a.Refused == 0 {
			continue
		}
		if len(views) == maxAcceptance {
			hidden++
			continue
		}
		v := acceptanceView{
			Platform: plain(a.Platform), Event: plain(a.Event), Source: plain(a.Source), Limit: "not known", InDictionary: a.InDictionary,
			Records: lift.FormatCount(a.Records), Accepted: lift.FormatCount(a.Accepted), Refused: lift.FormatCount(a.Refused),
			Unknown: lift.FormatCount(a.Unknown), Late: "not known",
		}
		if a.LimitUS != nil {
			v.Limit, v.HasLimit = lift.FormatDuration(*a.LimitUS), true
		}
		if a.LimitUS != nil && a.AgeKnown > 0 {
			v.Late, v.HasLate = lift.FormatCount(a.WouldBeRefused), true
			if a.AgeKnown < a.Records {
				v.Of = lift.FormatCount(a.AgeKnown)
			}
		}
		views = append(views, v)
	}
	return views, hidden
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// hasAnswers tells whether the archive holds an answer of any platform.
func (r Report) hasAnswers() bool {
	return slices.ContainsFunc(r.Quality.Acceptance, func(a Acceptance) bool { return a.Accepted+a.Refused > 0 })
}

type undefinedView struct {
	Platform, Event, Source, Records string
	IsRest                           bool
}

// undefinedViews lists the names that the dictionary does not know.
func (r Report) undefinedViews() (views []undefinedView) {
	for _, u := range r.Quality.Undefined {
		v := undefinedView{Platform: plain(u.Platform), Event: plain(u.Event), Source: plain(u.Source), Records: lift.FormatCount(u.Records)}
		if u.Event == "" {
			v.IsRest, v.Event = true, lift.FormatCount(u.Names)+" other names"
			if u.Names == 1 {
				v.Event = "1 other name"
			}
		}
		views = append(views, v)
	}
	return views
}

type consentView struct {
	Arm, Records string
	Cells        []flowCell // granted, denied and unknown of measurement, then of personalisation
	Denied       string     // of the arm's units with a record, how many denied measurement
}

// consentViews sums the surfaces of every arm; there are none when no record
// says anything of consent.
func (r Report) consentViews() (views []consentView) {
	type key struct{ arm, purpose, state string }
	records, units, isSaid := map[key]int64{}, map[key]int64{}, false
	for _, c := range r.Quality.Consent {
		records[key{c.Arm, c.Purpose, c.State}] += c.Records
		isSaid = isSaid || c.State != "unknown"
	}
	if !isSaid {
		return nil
	}
	for _, u := range r.Quality.ConsentUnits {
		units[key{arm: u.Arm, state: u.State}] += u.Units
	}
	names := []string{}
	for _, a := range r.Arms {
		names = append(names, a.Name)
	}
	for _, name := range append(names, "") {
		v := consentView{Arm: "Not in a group’s outcome"}
		if name != "" {
			v.Arm = r.armLabel(name)
		}
		var all, spoken int64
		for _, state := range consentStates {
			all += records[key{name, consentPurposes[0], state}]
			spoken += units[key{arm: name, state: state}]
		}
		v.Records = lift.FormatCount(all)
		for _, purpose := range consentPurposes {
			for _, state := range consentStates {
				n := records[key{name, purpose, state}]
				v.Cells = append(v.Cells, flowCell{Count: lift.FormatCount(n), Zero: n == 0})
			}
		}
		if spoken > 0 {
			said := units[key{arm: name, state: "denied"}]
			v.Denied = fmt.Sprintf("%s (%s of %s)", lift.FormatShare(said, spoken), lift.FormatCount(said), lift.FormatCount(spoken))
		}
		views = append(views, v)
	}
	return views
}
