package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type simulateDocument struct {
	SchemaVersion int     `json:"schema_version"`
	Dir           string  `json:"dir"`
	Households    int64   `json:"households"`
	Exposures     int64   `json:"exposures"`
	Seed          uint64  `json:"seed"`
	Lift          float64 `json:"planted_relative_lift"`
}

func (a *app) simulateCommand() *cobra.Command {
	opt := jobs.DefaultSimulation()
	cmd := &cobra.Command{
		Use:   "simulate --out DIR",
		Short: "Write a workspace with a campaign whose true lift is known",
		Long: `Write a whole workspace: configuration, exposure log with ghost exposures for the
holdout, Meta Conversions API archive, pixel log, orders in the Shopify layout,
assignment, identity links, spend, and truth.json, which says what was planted.

The same flags make the same bytes. Memory does not grow with the size.`,
		Example: `  ghostlight simulate --out demo
  ghostlight simulate --households 2000000 --exposures 50000000 --conversions 2000000 --seed 7 --format parquet --out big`,
		GroupID: groupSetUp,
		Args:    takes(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.Dir == "" {
				return &jobs.UsageError{Problem: "simulate needs --out DIR", Hint: "name a folder that is new or empty"}
			}
			opt.Progress = a.bars.households
			if err := jobs.Simulate(cmd.Context(), opt); err != nil {
				return simulateError(opt, err)
			}
			a.bars.close()
			world := opt.World
			return a.emit(simulateDocument{1, opt.Dir, world.Households, world.Exposures, world.Seed, world.Lift}, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Wrote %s: %d households, %d exposures. truth.json says what was planted.\nNext: ghostlight -C %s run\n",
					opt.Dir, world.Households, world.Exposures, opt.Dir)
				return err
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opt.Dir, "out", "", "write to `DIR`, new or empty")
	flags.Int64Var(&opt.World.Households, "households", opt.World.Households, "`N` households in the study")
	flags.Int64Var(&opt.World.Exposures, "exposures", opt.World.Exposures, "`N` rows in the exposure log, ghosts included")
	flags.Int64Var(&opt.Conversions, "conversions", 0, "about `N` purchases in all (default as the rates of the small world give)")
	flags.Uint64Var(&opt.World.Seed, "seed", opt.World.Seed, "`N` chooses the world; the same makes the same bytes")
	flags.StringVar(&opt.Format, "format", opt.Format, "`FORMAT` of the exposure log: csv or parquet")
	return cmd
}

// simulateError tells settings that make no world from failures to write it.
func simulateError(opt jobs.SimulateOptions, err error) error {
	switch {
	case errors.Is(err, jobs.ErrNotEmpty):
		return &jobs.UsageError{Problem: opt.Dir + " is not empty, and nothing is ever overwritten", Hint: "name a folder that is new or empty"}
	case opt.Impossible() != nil:
		return &jobs.UsageError{Problem: opt.Impossible().Error(), Hint: "ghostlight simulate --help lists the flags"}
	}
	return err
}
