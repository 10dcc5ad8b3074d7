package reports

import (
	"fmt"
	"strings"

	"ghostlight/analysis/lift"
)

// MatchQuality says which identifiers the records of one event on one list carry, how good
// these are, and whose identifiers the CRM and the identity graph have too. Test traffic,
// adjustments and what denied measurement are left out.
type MatchQuality struct {
	Surface  string `json:"surface"`
	Platform string `json:"platform"`
	Event    string `json:"event"`
	// Index is the share of records with at least one identifier that joins the CRM or the
	// identity graph. It is Ghostlight's own and imitates the score of no platform.
	Index       MatchIndex   `json:"index"`
	Identifiers []Identifier `json:"identifiers"`
}

// MatchIndex is Joined / Records, with Wilson's interval. Of Records, Carrying have some
// identifier.
type MatchIndex struct {
	Records  int64   `json:"records"`
	Carrying int64   `json:"carrying"`
	Joined   int64   `json:"joined"`
	Share    float64 `json:"share"`
	Lo       float64 `json:"lo"`
	Hi       float64 `json:"hi"`
	Level    float64 `json:"level"`
}

// Identifier is one kind of identifier on a list of an event. A count is null where the
// question does not arise: a CRM has no cookies, and only e-mail addresses, phone numbers and
// IP addresses can be badly formed without refusing the record.
type Identifier struct {
	Name        string         `json:"name"` // email, phone, customer, household, device, ip, click, cookie or any
	Label       string         `json:"label"`
	Carrying    int64          `json:"carrying"`
	Distinct    int64          `json:"distinct"`     // values; 0 for any
	MostRecords int64          `json:"most_records"` // that carry one value; 0 for any
	Shared      bool           `json:"shared"`       // one value is carried by too many
	InCRM       *int64         `json:"in_crm"`       // records whose identifier some order has
	InGraph     *int64         `json:"in_graph"`     // records whose identifier leads to a household
	Usable      *int64         `json:"usable"`       // records that carry one that is well formed
	Unusable    *int64         `json:"unusable"`     // records with one that was left out because it is not
	Weeks       []MatchWeek    `json:"weeks"`
	Drops       []IdentityDrop `json:"drops"`
}

// MatchWeek is a week of an identifier; it begins on Day, in the time zone of the report.
type MatchWeek struct {
	Day      string `json:"day"`
	Records  int64  `json:"records"`
	Carrying int64  `json:"carrying"`
	InCRM    *int64 `json:"in_crm"`
	InGraph  *int64 `json:"in_graph"`
}

// IdentityDrop is the first week in which a share fell below what the weeks before it let
// expect. Lasts: no later week is as those before.
type IdentityDrop struct {
	What          string `json:"what"` // carrying, in_crm or in_graph
	Day           string `json:"day"`
	Found         int64  `json:"found"`
	Records       int64  `json:"records"`
	BeforeFound   int64  `json:"before_found"`
	BeforeRecords int64  `json:"before_records"`
	Lasts         bool   `json:"lasts"`
}

// dropWords are what can fall, in words.
var dropWords = map[string]string{"carrying": "carrying it", "in_crm": "in the CRM", "in_graph": "in the graph"}

// matchQuality says which figures of match quality cannot be.
func (c *checker) matchQuality(lists []MatchQuality) {
	for i, m := range lists {
		path := fmt.Sprintf("match_quality[%d]", i)
		x := m.Index
		if x.Joined > x.Carrying || x.Carrying > x.Records || x.Lo > x.Share || x.Share > x.Hi {
			c.fault(path+".index", "has %d joined of %d that carry an identifier of %d records, from %v to %v", x.Joined, x.Carrying, x.Records, x.Lo, x.Hi)
		}
		for j, id := range m.Identifiers {
			for k, d := range id.Drops {
				c.oneOf(fmt.Sprintf("%s.identifiers[%d].drops[%d].what", path, j, k), d.What, []string{"carrying", "in_crm", "in_graph"})
			}
		}
	}
}

type matchView struct {
	List, Event, Records, Index, Range, Level string
	Identifiers                               []identifierView
}

type identifierView struct {
	Label, Carrying, Valid, Distinct, Most, InCRM, InGraph string
	Shared                                                 bool
	Drops                                                  []string
}

// matchViews lists the identifiers that some record of a list carries, or that were left
// out as badly formed.
func (r Report) matchViews() []matchView {
	var out []matchView
	for _, m := range r.MatchQuality {
		v := matchView{
			List: plain(m.Surface) + " (" + plain(m.Platform) + ")", Event: plain(m.Event), Records: lift.FormatCount(m.Index.Records),
			Index: lift.FormatShare(m.Index.Joined, m.Index.Records), Level: lift.FormatLevel(m.Index.Level),
			Range: lift.FormatFraction(m.Index.Lo) + " to " + lift.FormatFraction(m.Index.Hi),
		}
		share := func(part *int64) string {
			if part == nil {
				return ""
			}
			return lift.FormatShare(*part, m.Index.Records)
		}
		for _, id := range m.Identifiers {
			if id.Carrying == 0 && (id.Unusable == nil || *id.Unusable == 0) {
				continue
			}
			i := identifierView{Label: plain(id.Label), Carrying: lift.FormatShare(id.Carrying, m.Index.Records), Shared: id.Shared,
				InCRM: share(id.InCRM), InGraph: share(id.InGraph)}
			if id.Usable != nil && id.Unusable != nil && *id.Usable+*id.Unusable > 0 {
				i.Valid = lift.FormatShare(*id.Usable, *id.Usable+*id.Unusable)
			}
			if id.Distinct > 0 {
				i.Distinct, i.Most = lift.FormatCount(id.Distinct), lift.FormatCount(id.MostRecords)
			}
			for _, d := range id.Drops {
				until := ""
				if !d.Lasts {
					until = ", for a time"
				}
				i.Drops = append(i.Drops, fmt.Sprintf("%s fell to %s from %s in the week of %s%s", dropWords[d.What],
					lift.FormatShare(d.Found, d.Records), lift.FormatShare(d.BeforeFound, d.BeforeRecords), plain(d.Day), until))
			}
			v.Identifiers = append(v.Identifiers, i)
		}
		out = append(out, v)
	}
	return out
}

func (r Report) matchTable() table {
	t := r.table("match_quality", "surface", "platform", "event", "identifier", "records", "carrying", "distinct", "most_records", "shared",
		"in_crm", "in_graph", "usable", "unusable", "joined", "index", "index_lo", "index_hi", "index_level")
	for _, m := range r.MatchQuality {
		for _, id := range m.Identifiers {
			index := []string{"", "", "", "", ""}
			if id.Name == "any" {
				index = []string{integer(m.Index.Joined), num(m.Index.Share), num(m.Index.Lo), num(m.Index.Hi), num(m.Index.Level)}
			}
			r.add(&t, append([]string{text(m.Surface), text(m.Platform), text(m.Event), text(id.Name), integer(m.Index.Records), integer(id.Carrying),
				integer(id.Distinct), integer(id.MostRecords), fmt.Sprint(id.Shared), optInteger(id.InCRM), optInteger(id.InGraph),
				optInteger(id.Usable), optInteger(id.Unusable)}, index...)...)
		}
	}
	return t
}

func (r Report) matchWeekTable() table {
	t := r.table("match_weeks", "surface", "platform", "event", "identifier", "week", "records", "carrying", "in_crm", "in_graph", "dropped")
	for _, m := range r.MatchQuality {
		for _, id := range m.Identifiers {
			for _, w := range id.Weeks {
				dropped := ""
				for _, d := range id.Drops {
					if d.Day == w.Day {
						dropped += " " + d.What
					}
				}
				r.add(&t, text(m.Surface), text(m.Platform), text(m.Event), text(id.Name), text(w.Day), integer(w.Records), integer(w.Carrying),
					optInteger(w.InCRM), optInteger(w.InGraph), text(strings.TrimSpace(dropped)))
			}
		}
	}
	return t
}
