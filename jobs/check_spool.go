package jobs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// checkFolder is the pattern of the folders of trials: each has one of its own, for
// the workspace's spool belongs to the holder of the lock. It holds the spool and a
// lock, by which it is known whether the trial still runs.
const checkFolder = "check-*"

// spool is where a trial keeps what it fetches. Without a connection there is
// nothing to fetch, and nothing is made.
func (t *trial) spool(w *Workspace) (*source.Spool, error) {
	state := filepath.Join(w.Dir, stateFolder)
	if err := sweepChecks(state); err != nil {
		return nil, err
	}
	folder := filepath.Join(state, "check")
	for _, src := range w.Sources {
		if src.Connection == "" {
			continue
		}
		var err error
		var free func() error
		if folder, free, err = trialFolder(state); err != nil {
			return nil, err
		}
		t.free = free
		break
	}
	return source.OpenSpool(filepath.Join(folder, spoolFolder))
}

// trialFolder makes the folder of one trial, for its owner alone, and locks it until it is
// freed, which removes it.
func trialFolder(state string) (folder string, free func() error, err error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return "", nil, fmt.Errorf("make folder of trial: %w", err)
	}
	if folder, err = os.MkdirTemp(state, checkFolder); err != nil {
		return "", nil, fmt.Errorf("make folder of trial: %w", err)
	}
	lock, err := warehouse.Lock(filepath.Join(folder, lockFile), "check", time.Time{})
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(folder))
	}
	return folder, func() error { return errors.Join(lock.Unlock(), os.RemoveAll(folder)) }, nil
}

// sweepChecks removes what trials that died have left.
func sweepChecks(state string) error {
	folders, err := filepath.Glob(filepath.Join(state, checkFolder))
	if err != nil {
		return fmt.Errorf("find left spools: %w", err)
	}
	for _, folder := range folders {
		lock, err := warehouse.Lock(filepath.Join(folder, lockFile), "sweep", time.Time{})
		if err != nil {
			continue // its trial runs, or another user's did
		}
		if err := errors.Join(lock.Unlock(), os.RemoveAll(folder)); err != nil {
			return fmt.Errorf("remove left spool: %w", err)
		}
	}
	return nil
}
