package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// Retention is the `retention:` section of ghostlight.yaml: how old rows may
// become, counted back from the as-of of a run, before they are deleted for good.
// What is left out is kept. A file whose rows were deleted is not loaded again.
type Retention struct {
	// Exposures that are older are deleted, by the time of the impression.
	Exposures Duration `yaml:"exposures,omitempty"`
	// Events that are older are deleted, by the time they took place.
	Events Duration `yaml:"events,omitempty"`
	// Orders that are older are deleted, by the time of the order.
	Orders Duration `yaml:"orders,omitempty"`
	// Assignments that are older are deleted, by the time of the assignment.
	Assignments Duration `yaml:"assignments,omitempty"`
	// Links that were not seen for longer are deleted.
	Links Duration `yaml:"links,omitempty"`
	// Quarantine keeps refused records this long after the as-of of the run that refused them.
	Quarantine Duration `yaml:"quarantine,omitempty"`
}

// retained is one line of the section.
type retained struct {
	key, table string
	age        Duration
}

func (r Retention) tables() []retained {
	return []retained{
		{"exposures", "exposure", r.Exposures}, {"events", "event", r.Events}, {"orders", "crm_order", r.Orders},
		{"assignments", "assignment", r.Assignments}, {"links", "identity_link", r.Links},
		{"quarantine", source.QuarantineTable, r.Quarantine},
	}
}

// before is, for each table that has an age, the cut-off of a run.
func (r Retention) before(asOf time.Time) map[string]int64 {
	cuts := map[string]int64{}
	for _, t := range r.tables() {
		if t.age > 0 {
			cuts[t.table] = asOf.Add(-t.age.Std()).UnixMicro()
		}
	}
	return cuts
}

// needs is, for each table, the first own time of rows that a study reads: a
// conversion may have begun a dedup span before the period, and its evidence may
// be as old as the widest match window.
func (s Study) needs() map[string]time.Time {
	start := s.Period.Start.Time
	records := start.Add(-s.Dedup.Span.Std())
	needs := map[string]time.Time{
		"exposure": start, "event": records, "crm_order": records, "identity_link": start.Add(-s.Match.widest().Std()),
	}
	if s.Assignment != nil {
		needs["assignment"] = start
	}
	return needs
}

// closing is when the last outcome window of a study closes.
func (s Study) closing() time.Time { return s.Period.End.Add(s.Outcome.Window.Std()) }

// validateRetention refuses ages at which rows would go that a study still needs
// while its windows are open.
func (l *loader) validateRetention(d *document) {
	for _, t := range l.main.Retention.tables() {
		path := "retention." + t.key
		if !d.has(path) {
			continue
		}
		d.positive(path, t.age)
		study, least := l.longestNeed(t.table)
		if t.age > 0 && t.age.Std() < least {
			days := (least + 24*time.Hour - 1) / (24 * time.Hour)
			d.add(path, fmt.Sprintf("study %s needs them for %dd, until its last outcome window closes", study, days),
				fmt.Sprintf("write %dd or more", days))
		}
	}
}

// longestNeed is the study that needs the rows of a table for the longest, and for
// how long.
func (l *loader) longestNeed(table string) (study string, longest time.Duration) {
	for _, name := range slices.Sorted(maps.Keys(l.studies)) {
		if len(l.document(studiesFolder+"/"+name+".yaml").problems) > 0 {
			continue
		}
		s := l.studies[name]
		if from, needed := s.needs()[table]; needed && s.closing().Sub(from) > longest {
			study, longest = name, s.closing().Sub(from)
		}
	}
	return study, longest
}

// RetentionError says that rows which a study's period needs were deleted by age,
// so that a new report would be made of a part of them.
type RetentionError struct {
	Study, Table string
	Until        time.Time // the newest row that was deleted
}

func (e *RetentionError) Error() string {
	return fmt.Sprintf("rows of clean.%s up to %s were deleted by age, and the study's period needs them",
		e.Table, e.Until.Format(time.RFC3339))
}

// expire deletes by age. It is a transaction of its own: what is due to go goes,
// also when the run then publishes nothing. An as-of in the future deletes
// nothing: what is deleted does not come back.
func (r *run) expire(ctx context.Context) error {
	before := r.Workspace.Retention.before(r.asOf)
	if len(before) == 0 {
		return nil
	}
	if r.asOf.After(r.opt.Now()) {
		r.opt.Log.Warn("the as-of lies in the future, so nothing is deleted by age", "as_of", r.asOf)
		return nil
	}
	_, err := r.transact(ctx, func(tx *warehouse.Tx) (total int64, err error) {
		removed, err := source.Retain(ctx, tx, r.attempt, before)
		for _, t := range removed {
			if total += t.Rows; t.Rows > 0 {
				r.opt.Log.Info("deleted by age", "table", t.Table, "rows", t.Rows)
			}
		}
		return total, err
	})
	return err
}

// expireAgain deletes what loading a file again brought back of what runs deleted by
// age: all that was older than the newest of them let it become.
func (e *Engine) expireAgain(ctx context.Context, tx *warehouse.Tx) error {
	newest, err := warehouse.Read[struct {
		AsOf *int64 `db:"as_of_us"`
	}](ctx, tx, "SELECT max(epoch_us(as_of)) AS as_of_us FROM ops.run WHERE as_of <= started_at")
	if err != nil {
		return fmt.Errorf("find newest run: %w", err)
	}
	if newest[0].AsOf == nil {
		return nil
	}
	before := e.Workspace.Retention.before(micros(*newest[0].AsOf))
	if len(before) == 0 {
		return nil
	}
	_, err = source.Retain(ctx, tx, "retry "+e.opt.Now().UTC().Format("20060102T150405Z"), before)
	return err
}

// complete refuses a study of whose period rows were deleted by age.
func (r *run) complete(ctx context.Context, tx *warehouse.Tx) error {
	reached, err := source.RetentionReached(ctx, tx)
	if err != nil {
		return err
	}
	needs := r.study.needs()
	for _, table := range slices.Sorted(maps.Keys(needs)) {
		if last, deleted := reached[table]; deleted && last >= needs[table].UnixMicro() {
			return &RetentionError{Study: r.study.Name, Table: table, Until: micros(last)}
		}
	}
	return nil
}
