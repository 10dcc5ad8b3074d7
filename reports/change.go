package reports

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// Change is a change of how conversions are measured: numbers before and after it are not
// of one kind. What was found against an earlier report took effect between the as-of of
// that report and At, the as-of of the first report with it.
type Change struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // tag_release, window_edit, dictionary_version, graph_refresh, dedup_rule, step_change or other
	What   string    `json:"what"`
	Source string    `json:"source"` // empty: of no single source
	Origin string    `json:"origin"` // recorded in the study, or found
	Old    string    `json:"old"`    // empty: there was none, or it is not known
	New    string    `json:"new"`
	IsNew  bool      `json:"is_new"` // found by the run of this report
}

// changeKinds are the kinds of changes in words.
var changeKinds = map[string]string{
	"tag_release": "Tag release", "window_edit": "Window", "dictionary_version": "Event dictionary", "graph_refresh": "Identity graph",
	"dedup_rule": "Dedup rule", "step_change": "Step in the data", "other": "Other",
}

// changes says which entries of the change log break its rules.
func (c *checker) changes(changes []Change) {
	for i, change := range changes {
		path := fmt.Sprintf("changes[%d]", i)
		if changeKinds[change.Kind] == "" {
			c.fault(path+".kind", "is %q, which is no kind of change", change.Kind)
		}
		c.oneOf(path+".origin", change.Origin, []string{"found", "recorded"})
	}
}

type changeView struct {
	At, Kind, What, Source, Origin string
	Old, New                       string
	HasValues                      bool
}

func (r Report) changeViews() (views []changeView) {
	for _, c := range r.Changes {
		v := changeView{At: moment(c.At), Kind: changeKinds[c.Kind], What: plain(c.What), Source: plain(c.Source), Origin: "recorded",
			Old: cmp.Or(plain(c.Old), "none"), New: cmp.Or(plain(c.New), "none"), HasValues: c.Old+c.New != ""}
		switch {
		case c.IsNew:
			v.Origin = "found, new"
		case c.Origin == "found":
			v.Origin = "found"
		}
		views = append(views, v)
	}
	return views
}

func (r Report) changeTable() table {
	t := r.table("changes", "at", "kind", "what", "source", "origin", "is_new", "old", "new")
	for _, c := range r.Changes {
		r.add(&t, c.At.Format(time.RFC3339Nano), text(c.Kind), text(c.What), text(c.Source), text(c.Origin), strconv.FormatBool(c.IsNew), text(c.Old), text(c.New))
	}
	return t
}
