package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ReadStatus returns the ledger of the workspace in dir as [Engine.Status] does,
// without the lock and without making anything: a workspace in which nothing ran
// yet has no attempts. While a run writes, the error wraps warehouse.ErrLocked.
func ReadStatus(ctx context.Context, dir string, limit int, opt OpenOptions) (attempts []Attempt, err error) {
	if _, err := os.Stat(filepath.Join(dir, stateFolder, warehouseFile)); errors.Is(err, fs.ErrNotExist) {
		_, err := LoadWorkspace(dir)
		return []Attempt{}, err
	}
	opt.ReadOnly = true
	e, err := Open(ctx, dir, opt)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := e.Close(); err == nil {
			err = closeErr
		}
	}()
	attempts, err = e.Status(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	if attempts == nil {
		attempts = []Attempt{}
	}
	return attempts, nil
}
