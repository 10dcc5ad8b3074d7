package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ghostlight/jobs/warehouse"
)

// errIrregular is wrapped by the error of a folder, device or pipe.
var errIrregular = errors.New("not a regular file")

// mayLeaveOut tells whether the fault of one of several files leaves the others as
// they are. A link out of the roots, a missing permission or an empty file may mean
// that the delivery as a whole is not what it should be.
func mayLeaveOut(err error) bool {
	return errors.Is(err, ErrChanged) || errors.Is(err, errIrregular) || errors.Is(err, fs.ErrNotExist)
}

// someLeft gives the first fault when every file was left out.
func someLeft(files []File) error {
	for _, f := range files {
		if f.LeftOut == nil {
			return nil
		}
	}
	for _, f := range files {
		return f.LeftOut
	}
	return nil
}

// Held gives the file_id of what is loaded of a path. A run that leaves a file out
// because it is still being written goes on with that, and so does one that finds a
// file loaded whose former contents are kept.
func Held(ctx context.Context, tx *warehouse.Tx, source, path string) ([]int64, error) {
	rows, err := warehouse.Read[struct {
		ID int64 `db:"file_id"`
	}](ctx, tx, `SELECT file_id FROM ops.load WHERE source = ? AND path = ? ORDER BY file_id`, source, path)
	if err != nil {
		return nil, fmt.Errorf("look up what is loaded of %s: %w", path, err)
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids, nil
}
