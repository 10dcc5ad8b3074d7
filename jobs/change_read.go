package jobs

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ghostlight/jobs/warehouse"
)

// LoggedChange is one change of the measurement in the report of a study.
type LoggedChange struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	What   string    `json:"what"`
	Source string    `json:"source,omitempty"`
	Origin string    `json:"origin"` // recorded or found
	Old    string    `json:"old,omitempty"`
	New    string    `json:"new,omitempty"`
}

// ReadChanges returns the changes that the report which a study published last lists, without
// the lock. An [UnknownRunError] says that there is no report.
func ReadChanges(ctx context.Context, dir, study string, opt OpenOptions) (changes []LoggedChange, err error) {
	unknown := &UnknownRunError{Study: study, Hint: "make one with: ghostlight run " + study}
	if _, err := os.Stat(filepath.Join(dir, stateFolder, warehouseFile)); errors.Is(err, fs.ErrNotExist) {
		w, err := LoadWorkspace(dir)
		if err == nil {
			_, err = w.Study(study)
		}
		return nil, cmp.Or(err, error(unknown))
	}
	opt.ReadOnly = true
	e, err := Open(ctx, dir, opt)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if _, err := e.Workspace.Study(study); err != nil {
		return nil, err
	}
	changes = []LoggedChange{}
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		last, err := warehouse.Read[struct {
			RunID string `db:"run_id"`
		}](ctx, tx, newestRun, study)
		if err != nil {
			return err
		}
		if len(last) == 0 {
			return unknown
		}
		rows, err := readChanges(ctx, tx, last[0].RunID)
		for _, row := range rows {
			changes = append(changes, LoggedChange{At: micros(row.AtUS), Kind: row.Kind, What: row.What, Source: told(row.Source),
				Origin: row.Origin, Old: told(row.Old), New: told(row.New)})
		}
		return err
	})
	return changes, err
}
