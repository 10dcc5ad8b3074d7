package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// changeRow is one row of result.change.
type changeRow struct {
	RunID    string  `db:"run_id"`
	ChangeNo int64   `db:"change_no"`
	AtUS     int64   `db:"at_us"`
	Kind     string  `db:"kind"`
	What     string  `db:"what"`
	Source   *string `db:"source"`
	Origin   string  `db:"origin"`
	Old      *string `db:"old_value"`
	New      *string `db:"new_value"`
	IsNew    int64   `db:"is_new"`
}

const changeColumns = "run_id, change_no, at_us, kind, what, source, origin, old_value, new_value, is_new"

// Where the change log has a change from.
const (
	recordedChange = "recorded"
	foundChange    = "found"
)

// loggedChange is one row of ops.change_log.
type loggedChange struct {
	RunID    string  `db:"run_id"`
	ChangeNo int64   `db:"change_no"`
	Study    string  `db:"study"`
	AsOfUS   int64   `db:"as_of_us"`
	Kind     string  `db:"kind"`
	What     string  `db:"what"`
	Source   *string `db:"source"`
	Old      *string `db:"old_value"`
	New      *string `db:"new_value"`
}

const loggedColumns = "run_id, change_no, study, as_of_us, kind, what, source, old_value, new_value"

// earlierRun is the report that a run is compared with.
type earlierRun struct {
	RunID        string `db:"run_id"`
	ConfigSHA256 string `db:"config_sha256"`
	CodeVersion  string `db:"code_version"`
}

// earlierRuns are the published runs of a study by an earlier as-of, of each as-of the one
// that was published last.
const earlierRuns = `SELECT as_of, arg_max(run_id, attempt_id) AS run_id, arg_max(config_sha256, attempt_id) AS config_sha256,
	arg_max(code_version, attempt_id) AS code_version FROM ops.run WHERE study = ? AND state = 'published' AND as_of < make_timestamp(?) GROUP BY as_of`

// logChanges finds what was changed of the measurement since the report of the as-of before
// this one, and lists all changes up to the as-of. A run that was published once keeps what
// it found then, so that the same report comes out of it whatever was run in between.
func (r *run) logChanges(ctx context.Context, tx *warehouse.Tx) (int64, error) {
	published, err := warehouse.Read[struct {
		N int64 `db:"n"`
	}](ctx, tx, "SELECT count(*) AS n FROM ops.run WHERE run_id = ? AND state = 'published'", r.id)
	if err != nil || published[0].N > 0 {
		return 0, err
	}
	if err := r.keepConfiguration(ctx, tx); err != nil {
		return 0, err
	}
	earlier, err := warehouse.Read[earlierRun](ctx, tx, "SELECT run_id, config_sha256, code_version FROM ("+earlierRuns+") ORDER BY as_of DESC LIMIT 1", r.study.Name, r.asOf.UnixMicro())
	if err != nil {
		return 0, err
	}
	found := []loggedChange{}
	for _, before := range earlier {
		for _, find := range []func(context.Context, *warehouse.Tx, earlierRun) ([]loggedChange, error){r.configChanges, r.graphChanges, r.programChanges} {
			changes, err := find(ctx, tx, before)
			if err != nil {
				return 0, err
			}
			found = append(found, changes...)
		}
	}
	for i := range found {
		found[i].RunID, found[i].ChangeNo, found[i].Study, found[i].AsOfUS = r.id, int64(i+1), r.study.Name, r.asOf.UnixMicro()
	}
	if _, err := tx.InsertRun(ctx, "ops.change_log", r.id, found); err != nil {
		return 0, err
	}
	former, err := warehouse.Read[loggedChange](ctx, tx, "SELECT "+loggedColumns+" FROM ops.change_log WHERE run_id IN (SELECT run_id FROM ("+earlierRuns+")) ORDER BY as_of_us, run_id, change_no",
		r.study.Name, r.asOf.UnixMicro())
	if err != nil {
		return 0, err
	}
	steps, err := r.stepChanges(ctx, tx)
	if err != nil {
		return 0, err
	}
	return tx.InsertRun(ctx, "result.change", r.id, r.changeRows(append(former, found...), steps))
}

// changeRows puts what was found, also in the data, and what the study records by the as-of
// in one order.
func (r *run) changeRows(found []loggedChange, steps []changeRow) []changeRow {
	rows := slices.Clone(steps)
	for _, c := range found {
		rows = append(rows, changeRow{RunID: r.id, AtUS: c.AsOfUS, Kind: c.Kind, What: c.What, Source: c.Source,
			Origin: foundChange, Old: c.Old, New: c.New, IsNew: isOne(c.RunID == r.id)})
	}
	for _, c := range r.study.Changes {
		if !c.At.After(r.asOf) {
			rows = append(rows, changeRow{RunID: r.id, AtUS: c.At.Micros(), Kind: c.Kind, What: c.What, Source: filled(c.Source), Origin: recordedChange})
		}
	}
	slices.SortStableFunc(rows, func(a, b changeRow) int {
		return cmp.Or(cmp.Compare(a.AtUS, b.AtUS), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.What, b.What))
	})
	for i := range rows {
		rows[i].ChangeNo = int64(i + 1)
	}
	return rows
}

// filled is nil for an empty text.
func filled(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// graphChanges tells that the evidence of identities is not that of the earlier report: files
// of a source of links came or went.
func (r *run) graphChanges(ctx context.Context, tx *warehouse.Tx, before earlierRun) ([]loggedChange, error) {
	rows, err := warehouse.Read[struct {
		Source string `db:"source"`
	}](ctx, tx, "SELECT DISTINCT l.source FROM ops.load AS l JOIN (SELECT DISTINCT file_id FROM clean.identity_link) AS i ON i.file_id = l.file_id ORDER BY l.source")
	if err != nil {
		return nil, err
	}
	var linked []string
	for _, row := range rows {
		linked = append(linked, row.Source)
	}
	for _, name := range r.Workspace.Sources.Names() {
		if r.Workspace.Sources[name].Table == "identity_link" && !slices.Contains(linked, name) {
			linked = append(linked, name)
		}
	}
	slices.Sort(linked)
	old, err := readInputs(ctx, tx, before.RunID)
	if err != nil {
		return nil, err
	}
	now, err := readInputs(ctx, tx, r.id)
	if err != nil {
		return nil, err
	}
	changes := []loggedChange{}
	for _, name := range linked {
		was, is := contents(old, name), contents(now, name)
		if !slices.Equal(was.hashes, is.hashes) {
			changes = append(changes, loggedChange{Kind: graphRefresh, What: "files of identity links", Source: &name, Old: filled(was.shown()), New: filled(is.shown())})
		}
	}
	return changes, nil
}

// content is what the files of a source held.
type content struct {
	hashes []string // in order, each once
	rows   int64
}

func contents(inputs []inputRow, name string) (c content) {
	for _, in := range inputs {
		if in.Source == name && !slices.Contains(c.hashes, in.SHA256) {
			c.hashes = append(c.hashes, in.SHA256)
			c.rows += in.Loaded
		}
	}
	slices.Sort(c.hashes)
	return c
}

func (c content) shown() string {
	return fmt.Sprintf("%s, links: %s", plural(len(c.hashes), "file"), lift.FormatCount(c.rows))
}

// programChanges tells that another version of the program made the earlier report.
func (r *run) programChanges(_ context.Context, _ *warehouse.Tx, before earlierRun) ([]loggedChange, error) {
	if before.CodeVersion == r.opt.CodeVersion {
		return nil, nil
	}
	return []loggedChange{{Kind: otherChange, What: "version of Ghostlight", Old: filled(before.CodeVersion), New: filled(r.opt.CodeVersion)}}, nil
}

// changeWarnings says that the numbers of the report before are not of one kind with these.
func changeWarnings(rows []changeRow) []analysis.Warning {
	count := 0
	for _, row := range rows {
		count += int(row.IsNew)
	}
	if count == 0 {
		return nil
	}
	return []analysis.Warning{{Code: "measurement_changed", Severity: analysis.Info,
		Text: fmt.Sprintf("%s of the measurement since the report before: its numbers and these are not of one kind. The change log lists them.", plural(count, "change"))}}
}

// told is the text, "" for none.
func told(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func readChanges(ctx context.Context, tx *warehouse.Tx, runID string) ([]changeRow, error) {
	return warehouse.Read[changeRow](ctx, tx, "SELECT "+changeColumns+" FROM result.change WHERE run_id = ? ORDER BY change_no", runID)
}
