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
	records := start.Add(-s.Dedup.widestSpan().Std())
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
// so that a new report would be made of a part of them, or are due to be.
type RetentionError struct {
	Study, Table string
	Until        time.Time // the newest row that was deleted, or the time before which all are due
	Key          string    // of the age in retention that they are due by; "" when they are gone
	AsOf         time.Time // when they are due
}

func (e *RetentionError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("as of %s, retention.%s is due to delete rows of clean.%s from before %s, and the period of study %s needs them",
			e.AsOf.Format(time.RFC3339), e.Key, e.Table, e.Until.Format(time.RFC3339), e.Study)
	}
	return fmt.Sprintf("rows of clean.%s up to %s were deleted by age, and the study's period needs them",
		e.Table, e.Until.Format(time.RFC3339))
}

// Hint says how to go on.
func (e *RetentionError) Hint() string {
	if e.Key != "" {
		return fmt.Sprintf("nothing was deleted; write a longer age, or take %s/%s.yaml away: its published reports stay", studiesFolder, e.Study)
	}
	return "its published reports stay; take the study's file away, or name the studies to run"
}

// due refuses ages by which, at an as-of, rows would go that the period of some study
// needs. A study of which rows are gone already needs the others no more.
func (w *Workspace) due(asOf time.Time, reached map[string]int64) error {
	for _, name := range slices.Sorted(maps.Keys(w.Studies)) {
		study := w.Studies[name]
		if study.lost(reached) != nil {
			continue
		}
		for _, t := range w.Retention.tables() {
			cut := asOf.Add(-t.age.Std())
			if from, needed := study.needs()[t.table]; needed && t.age > 0 && cut.After(from) {
				return &RetentionError{Study: name, Table: t.table, Until: cut, Key: t.key, AsOf: asOf}
			}
		}
	}
	return nil
}

// lost is the error of a study of whose period rows were deleted by age.
func (s Study) lost(reached map[string]int64) error {
	needs := s.needs()
	for _, table := range slices.Sorted(maps.Keys(needs)) {
		if last, deleted := reached[table]; deleted && last >= needs[table].UnixMicro() {
			return &RetentionError{Study: s.Name, Table: table, Until: micros(last)}
		}
	}
	return nil
}

// expire deletes by age, unless a study still needs what would go: that is refused
// first. It is a transaction of its own: what is due to go goes, also when the run
// then publishes nothing. An as-of in the future deletes nothing: what is deleted
// does not come back.
func (r *run) expire(ctx context.Context) error {
	future := r.asOf.After(r.opt.Now())
	_, err := r.transact(ctx, func(tx *warehouse.Tx) (total int64, err error) {
		reached, err := source.RetentionReached(ctx, tx)
		if err != nil {
			return 0, err
		}
		if err := r.study.lost(reached); err != nil {
			return 0, err
		}
		before := r.Workspace.Retention.before(r.asOf)
		if len(before) == 0 {
			return 0, nil
		}
		if future {
			r.opt.Log.Warn("the as-of lies in the future, so nothing is deleted by age", "as_of", r.asOf)
			return 0, nil
		}
		if err := r.Workspace.due(r.asOf, reached); err != nil {
			return 0, err
		}
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
