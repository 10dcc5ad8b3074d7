package jobs

import "ghostlight/reports"

// changes is the change log up to the as-of.
func (b *builder) changes(out *reports.Report) error {
	rows, err := readChanges(b.ctx, b.tx, b.runID)
	out.Changes = []reports.Change{}
	for _, row := range rows {
		out.Changes = append(out.Changes, reports.Change{At: micros(row.AtUS), Kind: row.Kind, What: row.What, Source: told(row.Source),
			Origin: row.Origin, Old: told(row.Old), New: told(row.New), IsNew: row.IsNew == 1})
	}
	return err
}
