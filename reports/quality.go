package reports

import (
	"fmt"

	"ghostlight/analysis/lift"
)

// Quality says how the records of events and orders came: how soon, what became
// of them at their platforms, and with whose consent. It counts records and
// nothing of it enters a lift.
type Quality struct {
	Freshness    []Freshness    `json:"freshness"`
	Acceptance   []Acceptance   `json:"acceptance"`
	Consent      []Consent      `json:"consent"`
	ConsentUnits []ConsentUnits `json:"consent_units"`
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
	LimitUS  *int64 `json:"limit_us"` // oldest event that the platform takes, in microseconds; null: not known
	Records  int64  `json:"records"`
	Accepted int64  `json:"accepted"`
	Refused  int64  `json:"refused"`
	Unknown  int64  `json:"unknown"` // the archive holds no answer
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
	HasLimit                         bool
}

// acceptanceViews lists what can be said anything of: a limit is known, or the
// platform's answer.
func (r Report) acceptanceViews() (views []acceptanceView, hidden int) {
	for _, a := range r.Quality.Acceptance {
		if a.LimitUS == nil && a.Accepted+a.Refused == 0 {
			continue
		}
		if len(views) == maxAcceptance {
			hidden++
			continue
		}
		v := acceptanceView{
			Platform: plain(a.Platform), Event: plain(a.Event), Source: plain(a.Source), Limit: "not known",
			Records: lift.FormatCount(a.Records), Accepted: lift.FormatCount(a.Accepted), Refused: lift.FormatCount(a.Refused),
			Unknown: lift.FormatCount(a.Unknown), Late: "not known",
		}
		if a.LimitUS != nil {
			v.Limit, v.Late, v.HasLimit = lift.FormatDuration(*a.LimitUS), lift.FormatCount(a.WouldBeRefused), true
		}
		views = append(views, v)
	}
	return views, hidden
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
