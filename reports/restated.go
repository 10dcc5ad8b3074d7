package reports

import "slices"

// restatement is a figure that data which came later changed.
type restatement struct {
	Run      string // which the figure was in, or is in now
	Was, Now string
}

// IsSame tells that the data changed and the figure did not.
func (r restatement) IsSame() bool { return r.Was == r.Now }

// restate marks the reports that cut off at one time under one configuration and still
// differ: files came late, or were corrected. published are the ids of runs in the order
// in which they were made; a run that is not among them is the oldest.
func restate(entries []entry, published []string) {
	type asked struct{ study, asOf, config string }
	reports := map[asked][]*entry{}
	for i := range entries {
		e := &entries[i]
		key := asked{e.order.Study, e.AsOf, e.order.Provenance.ConfigSHA256}
		reports[key] = append(reports[key], e)
	}
	for _, same := range reports {
		slices.SortStableFunc(same, func(a, b *entry) int {
			return slices.Index(published, a.order.Run.ID) - slices.Index(published, b.order.Run.ID)
		})
		for i, e := range same[:len(same)-1] {
			now := same[len(same)-1]
			if e.order.Provenance.InputsSHA256 == now.order.Provenance.InputsSHA256 {
				continue // another version of the program
			}
			changed := restatement{Run: now.Run, Was: e.headline(), Now: now.headline()}
			same[i].Replaced = &changed
			now.Restates = append(now.Restates, restatement{Run: e.Run, Was: changed.Was, Now: changed.Now})
		}
	}
}

// headline is the relative lift of the first arm, with its interval.
func (e *entry) headline() string {
	if len(e.Lifts) == 0 || !e.Lifts[0].Figure.Has {
		return "not estimable"
	}
	f := e.Lifts[0].Figure
	if f.Range == "" {
		return f.Written.Text()
	}
	return f.Written.Text() + " (" + f.Range + ")"
}
