package reports

import (
	"fmt"
	"strconv"

	"ghostlight/analysis/lift"
)

// Claim is what a platform reports of one event in one window, beside the records that it
// may count. Its counts are in millionths, because platforms count in parts. The causes make
// the whole difference: FirstUnits in millionths is BothMicros and the First of all causes,
// ReportedMicros is BothMicros and their Second.
type Claim struct {
	Platform string `json:"platform"`
	Window   string `json:"window"` // in the platform's words, empty when it states none
	Event    string `json:"event"`
	First    string `json:"first"` // "sent to meta", or "deduplicated" where nothing of the event was sent
	// IsCompared is false where the window or the event is not known. Then the platform's
	// count is all that is told, and Reason says what is not known.
	IsCompared     bool         `json:"is_compared"`
	IsLogged       bool         `json:"is_logged"` // some touch of the platform's campaigns is in the exposure logs
	FirstUnits     int64        `json:"first_units"`
	ClaimableUnits int64        `json:"claimable_units"` // those that the platform should count
	ReportedMicros int64        `json:"reported_micros"`
	BothMicros     int64        `json:"both_micros"`  // counted by both on one day
	MovedMicros    int64        `json:"moved_micros"` // besides: the platform counts them on the day of the touch
	Ratio          *float64     `json:"ratio"`        // reported to claimable, null where nothing is claimable
	Expected       float64      `json:"expected"`
	Acceptable     float64      `json:"acceptable"`
	Blocked        float64      `json:"blocked"`
	ChartLo        *float64     `json:"chart_lo"`
	ChartHi        *float64     `json:"chart_hi"`
	Status         string       `json:"status"` // as of a Gap
	Reason         string       `json:"reason"`
	Causes         []ClaimCause `json:"causes"`
	Days           []ClaimDay   `json:"days"`
}

// ClaimCause is one reason of a difference, in the order in which reasons are looked for:
// FirstMicros of our records have it, and of these the platform seems to count SecondMicros
// all the same. Of phantom, there is no record.
type ClaimCause struct {
	Category     string `json:"category"`
	Label        string `json:"label"`
	FirstMicros  int64  `json:"first_micros"`
	SecondMicros int64  `json:"second_micros"`
	// Samples are the first twenty of these records; of phantom and unexplained nobody knows which they are.
	Samples []GapSample `json:"samples"`
}

// ClaimDay is a cause on one day; of category "both" both lists count it.
type ClaimDay struct {
	Day          string `json:"day"`
	Category     string `json:"category"`
	FirstMicros  int64  `json:"first_micros"`
	SecondMicros int64  `json:"second_micros"`
}

// claims says which counts of platforms do not add up.
func (c *checker) claims(claims []Claim) {
	for i, claim := range claims {
		path := fmt.Sprintf("reconciliation.claims[%d]", i)
		c.oneOf(path+".status", claim.Status, keys(gapStatuses))
		if !claim.IsCompared {
			if len(claim.Causes) > 0 || claim.FirstUnits+claim.ClaimableUnits+claim.BothMicros > 0 || claim.Status != "unknown" {
				c.fault(path, "is not compared and has a comparison")
			}
			continue
		}
		first, second := claim.BothMicros, claim.BothMicros
		for _, cause := range claim.Causes {
			first += cause.FirstMicros
			second += cause.SecondMicros
		}
		if first != claim.FirstUnits*1_000_000 || second != claim.ReportedMicros {
			c.fault(path, "has causes that make %d and %d millionths of %d and %d", first, second, claim.FirstUnits*1_000_000, claim.ReportedMicros)
		}
	}
}

type claimView struct {
	Platform, Window, Event, First                        string
	Records, Claimable, Reported, Both, Moved, Difference string
	Reason                                                string
	IsCompared, IsLogged                                  bool
	Tone                                                  tone
	Causes                                                []claimCauseView
}

type claimCauseView struct {
	Label, First, Second, Adds string
	Samples                    []string
	Hidden                     string // how many more
}

// signedParts is a count in millionths with its sign.
func signedParts(micros int64) string {
	if micros > 0 {
		return "+" + lift.FormatParts(micros)
	}
	return lift.FormatParts(micros)
}

func (r Report) claimViews() (views []claimView) {
	for _, c := range r.Reconciliation.Claims {
		v := claimView{
			Platform: plain(c.Platform), Window: plain(c.Window), Event: plain(c.Event), First: plain(c.First),
			Records: lift.FormatCount(c.FirstUnits), Claimable: lift.FormatCount(c.ClaimableUnits), Reported: lift.FormatParts(c.ReportedMicros), Both: lift.FormatParts(c.BothMicros),
			Difference: signedParts(c.FirstUnits*1_000_000 - c.ReportedMicros), Reason: plain(c.Reason),
			IsCompared: c.IsCompared, IsLogged: c.IsLogged, Tone: gapStatuses[c.Status],
		}
		if v.Event == "" {
			v.Event = "no event"
		}
		if v.Window == "" {
			v.Window = "window not stated"
		}
		if c.MovedMicros > 0 {
			v.Moved = lift.FormatParts(c.MovedMicros)
		}
		for _, cause := range c.Causes {
			of := claimCauseView{Label: plain(cause.Label), First: lift.FormatParts(cause.FirstMicros), Second: lift.FormatParts(cause.SecondMicros),
				Adds: signedParts(cause.FirstMicros - cause.SecondMicros)}
			of.Samples, of.Hidden = places(cause.Samples, cause.FirstMicros/1_000_000)
			v.Causes = append(v.Causes, of)
		}
		views = append(views, v)
	}
	return views
}

func (r Report) claimTable() table {
	t := r.table("platform_claims", "platform", "window", "event", "first", "status", "is_compared", "is_logged", "first_units", "claimable_units", "reported_micros", "both_micros", "moved_micros",
		"ratio", "expected", "acceptable", "blocked", "chart_lo", "chart_hi", "category", "label", "first_micros", "second_micros")
	for _, c := range r.Reconciliation.Claims {
		own := []string{text(c.Platform), text(c.Window), text(c.Event), text(c.First), text(c.Status), strconv.FormatBool(c.IsCompared), strconv.FormatBool(c.IsLogged),
			integer(c.FirstUnits), integer(c.ClaimableUnits), integer(c.ReportedMicros), integer(c.BothMicros), integer(c.MovedMicros),
			opt(c.Ratio), num(c.Expected), num(c.Acceptable), num(c.Blocked), opt(c.ChartLo), opt(c.ChartHi)}
		if len(c.Causes) == 0 {
			r.add(&t, append(own, "", "", "0", "0")...)
		}
		for _, cause := range c.Causes {
			r.add(&t, append(append([]string{}, own...), text(cause.Category), text(cause.Label), integer(cause.FirstMicros), integer(cause.SecondMicros))...)
		}
	}
	return t
}

func (r Report) claimSampleTable() table {
	t := r.table("platform_claim_samples", "platform", "window", "event", "category", "source", "path", "line", "day")
	for _, c := range r.Reconciliation.Claims {
		for _, cause := range c.Causes {
			for _, s := range cause.Samples {
				r.add(&t, text(c.Platform), text(c.Window), text(c.Event), text(cause.Category), text(s.Source), text(s.Path), integer(s.Line), text(s.Day))
			}
		}
	}
	return t
}

func (r Report) claimDayTable() table {
	t := r.table("platform_claim_days", "platform", "window", "event", "day", "category", "first_micros", "second_micros")
	for _, c := range r.Reconciliation.Claims {
		for _, d := range c.Days {
			r.add(&t, text(c.Platform), text(c.Window), text(c.Event), text(d.Day), text(d.Category), integer(d.FirstMicros), integer(d.SecondMicros))
		}
	}
	return t
}
