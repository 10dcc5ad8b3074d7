package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ghostlight/analysis/simulate"
)

// SimulateOptions says what Simulate writes and where.
type SimulateOptions struct {
	Dir         string          // new, or empty
	World       simulate.Config // as simulate.Default, with its size and seed
	Conversions int64           // about so many canonical purchases in all; 0: as World says
	Format      string          // of the exposure log: "csv" (also "") or "parquet"

	// Progress, when not nil, is called now and then with the households done
	// so far and their number.
	Progress func(done, total int64)
}

// ErrNotEmpty says that a folder to be filled holds something already.
var ErrNotEmpty = errors.New("the folder is not empty")

// Simulate writes a whole workspace with a simulated campaign: its three kinds
// of configuration, all its data, README.md, and last truth.json, which says
// what was planted. The same options make the same bytes.
//
// Memory does not grow with the size of the world, except for the engine's
// buffers when it writes Parquet.
//
// Errors: impossible settings, all at once; ErrNotEmpty; a failure to write;
// the end of ctx. After an error nothing that Simulate wrote is left.
func Simulate(ctx context.Context, opt SimulateOptions) (err error) {
	switch opt.Format {
	case "":
		opt.Format = "csv"
	case "csv", "parquet":
	default:
		return fmt.Errorf("simulate: unknown format %q of the exposure log, use csv or parquet", opt.Format)
	}
	if opt.Conversions != 0 {
		if opt.World, err = opt.World.WithConversions(opt.Conversions); err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
	}
	world, err := simulate.New(opt.World)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	undo, err := emptyFolder(opt.Dir)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo())
		}
	}()
	truth, err := simulateData(ctx, world, opt)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	if err := simulateWorkspace(opt, truth); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	text, err := json.MarshalIndent(truth, "", "  ")
	if err != nil {
		return fmt.Errorf("simulate: write truth.json: %w", err)
	}
	if err := os.WriteFile(filepath.Join(opt.Dir, "truth.json"), append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return nil
}

// emptyFolder makes dir, or accepts it when it is empty. undo takes away what
// was put into it since, and dir itself when it was made here.
func emptyFolder(dir string) (undo func() error, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		return func() error { return os.RemoveAll(dir) }, nil
	case err != nil:
		return nil, err
	case len(entries) > 0:
		return nil, fmt.Errorf("write to %s: %w", dir, ErrNotEmpty)
	}
	return func() error {
		entries, err := os.ReadDir(dir)
		errs := []error{err}
		for _, e := range entries {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
		return errors.Join(errs...)
	}, nil
}

// simulateData writes the data folder, household by household.
func simulateData(ctx context.Context, world *simulate.World, opt SimulateOptions) (truth simulate.Truth, err error) {
	logs, err := openSimulatedLogs(ctx, filepath.Join(opt.Dir, "data"), opt.Format)
	if err != nil {
		return truth, err
	}
	total := world.Config().Households
	truth, err = world.Each(func(h *simulate.Household) error {
		if h.Index%4096 == 0 && !h.Stranger {
			if err := ctx.Err(); err != nil {
				return err
			}
			if opt.Progress != nil {
				opt.Progress(h.Index, total)
			}
		}
		return logs.household(h)
	})
	if err = errors.Join(err, logs.close(err == nil)); err != nil {
		return truth, err
	}
	if opt.Progress != nil {
		opt.Progress(total, total)
	}
	return truth, writeSimulatedSpend(filepath.Join(opt.Dir, "data", "spend.csv"), truth.Spend)
}
