package reports

import (
	"fmt"

	"ghostlight/analysis/lift"
)

// Dedup says how the records of every list were joined to conversions, and whose ids are
// odd, so that a conversion may be counted twice or two of them be merged.
type Dedup struct {
	Lists    []DedupList    `json:"lists"`
	Findings []DedupFinding `json:"findings"`
}

// DedupList counts the usable records of one list and event. Alone, Paired and Repeated
// make all of them.
type DedupList struct {
	List    string `json:"list"` // for example "server (meta)"
	Event   string `json:"event"`
	Records int64  `json:"records"`
	Alone   int64  `json:"alone"`  // no other list has the conversion
	Paired  int64  `json:"paired"` // another list has it too
	// Repeated records are not the first of their list in their conversion.
	Repeated int64 `json:"repeated"`
	// Dropped records tell no field of their conversion, and those ByIdentifier were joined
	// without an event id or order id.
	Dropped      int64 `json:"dropped"`
	ByIdentifier int64 `json:"by_identifier"`
}

// DedupFinding is one oddity of ids of one event: how many records of which list have it,
// and where the first of all lists stand.
type DedupFinding struct {
	Event   string         `json:"event"`
	Finding string         `json:"finding"`
	Label   string         `json:"label"`
	Records int64          `json:"records"`
	Lists   []FindingList  `json:"lists"`
	Samples []RecordSample `json:"samples"`
}

// FindingList is how many records of one list have a finding.
type FindingList struct {
	List    string `json:"list"`
	Records int64  `json:"records"`
}

// RecordSample is where a record stands.
type RecordSample struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	Line   int64  `json:"line"`
}

// dedup says which counts of joined records do not add up.
func (c *checker) dedup(d Dedup) {
	for i, l := range d.Lists {
		if l.Alone+l.Paired+l.Repeated != l.Records {
			c.fault(fmt.Sprintf("dedup.lists[%d]", i), "has %d records that are alone, paired or repeated of %d", l.Alone+l.Paired+l.Repeated, l.Records)
		}
	}
	for i, f := range d.Findings {
		var sum int64
		for _, l := range f.Lists {
			sum += l.Records
		}
		if sum != f.Records {
			c.fault(fmt.Sprintf("dedup.findings[%d]", i), "has lists that make %d records of %d", sum, f.Records)
		}
	}
}

type dedupView struct {
	List, Event, Records, Alone, Paired, Repeated, Dropped, ByIdentifier string
}

type findingView struct {
	Event, Label, Records, Lists string
	Samples                      []string
	Hidden                       string // how many more there are, "" for none
}

func (r Report) dedupViews() (lists []dedupView, findings []findingView) {
	for _, l := range r.Dedup.Lists {
		lists = append(lists, dedupView{
			plain(l.List), plain(l.Event), lift.FormatCount(l.Records), lift.FormatCount(l.Alone), lift.FormatCount(l.Paired),
			lift.FormatCount(l.Repeated), lift.FormatCount(l.Dropped), lift.FormatCount(l.ByIdentifier),
		})
	}
	for _, f := range r.Dedup.Findings {
		v := findingView{Event: plain(f.Event), Label: plain(f.Label), Records: lift.FormatCount(f.Records)}
		for i, l := range f.Lists {
			if i > 0 {
				v.Lists += ", "
			}
			v.Lists += plain(l.List) + " " + lift.FormatCount(l.Records)
		}
		for _, s := range f.Samples[:min(len(f.Samples), maxGapSamples)] {
			v.Samples = append(v.Samples, fmt.Sprintf("%s line %d", plain(s.Path), s.Line))
		}
		if more := f.Records - int64(len(v.Samples)); more > 0 {
			v.Hidden = lift.FormatCount(more)
		}
		findings = append(findings, v)
	}
	return lists, findings
}

func (r Report) dedupTable() table {
	t := r.table("dedup", "list", "event", "records", "alone", "paired", "repeated", "dropped", "by_identifier")
	for _, l := range r.Dedup.Lists {
		r.add(&t, text(l.List), text(l.Event), integer(l.Records), integer(l.Alone), integer(l.Paired), integer(l.Repeated), integer(l.Dropped), integer(l.ByIdentifier))
	}
	return t
}

func (r Report) dedupFindingTable() table {
	t := r.table("dedup_findings", "event", "finding", "label", "list", "records")
	for _, f := range r.Dedup.Findings {
		for _, l := range f.Lists {
			r.add(&t, text(f.Event), text(f.Finding), text(f.Label), text(l.List), integer(l.Records))
		}
	}
	return t
}

func (r Report) dedupSampleTable() table {
	t := r.table("dedup_samples", "event", "finding", "source", "path", "line")
	for _, f := range r.Dedup.Findings {
		for _, s := range f.Samples {
			r.add(&t, text(f.Event), text(f.Finding), text(s.Source), text(s.Path), integer(s.Line))
		}
	}
	return t
}
