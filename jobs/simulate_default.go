package jobs

import (
	"fmt"

	"ghostlight/analysis/simulate"
)

// DefaultSimulation is the small world, whose folder is still to be named.
func DefaultSimulation() SimulateOptions {
	return SimulateOptions{World: simulate.Default(), Format: "csv"}
}

// Impossible says what is wrong with the settings of a simulation before
// anything is written, nil when nothing is.
func (opt SimulateOptions) Impossible() error {
	if opt.Format != "" && opt.Format != "csv" && opt.Format != "parquet" {
		return fmt.Errorf("unknown format %s of the exposure log, use csv or parquet", quoted(opt.Format))
	}
	world := opt.World
	if opt.Conversions != 0 {
		var err error
		if world, err = world.WithConversions(opt.Conversions); err != nil {
			return err
		}
	}
	return world.Validate()
}
