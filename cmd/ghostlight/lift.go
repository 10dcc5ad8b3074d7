package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) liftCommand() *cobra.Command {
	request := jobs.CountsRequest{Level: 0.95}
	var file string
	var shares map[string]string
	cmd := &cobra.Command{
		Use:   "lift --counts FILE",
		Short: "Estimate lift from counts that are already summed",
		Long: `Estimate the lift of each arm against the control from a CSV of counts: one row an arm,
with the columns arm, units and converters (a unit that converted counts once). No
workspace is needed and nothing is written.

The difference of the rates has its Miettinen-Nurminen interval, their ratio Koopman's,
which hold with small holdouts and rare events. Counts do not tell whether chance made the
arms: say --randomized when it did.`,
		Example: `  ghostlight lift --counts arms.csv
  ghostlight lift --counts trial.csv --control psa --where level=total --randomized --shares ad=96,psa=4
  ghostlight lift --counts small.csv --exact --json`,
		GroupID: groupMeasure,
		Args:    takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if file == "" {
				return &jobs.UsageError{Problem: "no file of counts", Hint: "name it with --counts FILE, - for stdin"}
			}
			if request.Shares, err = shareOf(shares); err != nil {
				return err
			}
			in := cmd.InOrStdin()
			if file != "-" {
				opened, err := os.Open(file)
				if err != nil {
					return &jobs.UsageError{Problem: "the counts cannot be read: " + err.Error(), Hint: "name a CSV with --counts"}
				}
				defer opened.Close()
				if about, err := opened.Stat(); err == nil && about.IsDir() {
					return &jobs.UsageError{Problem: file + " is a folder", Hint: "name a CSV with --counts"}
				}
				in = opened
			}
			found, err := jobs.MeasureCounts(in, file, request)
			if err != nil {
				return err
			}
			return a.emit(found, func(w io.Writer) error { return printLift(w, found) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "counts", "", "CSV `FILE` with one row an arm; - is stdin")
	flags.StringVar(&request.Control, "control", "", "the `ARM` that the others are held against (default the one called control, holdout,\npsa or ghost)")
	flags.StringToStringVar(&request.Where, "where", nil, "take the rows with `COLUMN=TEXT` only")
	flags.StringToStringVar(&shares, "shares", nil, "test the sizes of the arms against `ARM=SHARE`, one of each arm, such as ad=96,psa=4")
	flags.Float64Var(&request.Level, "level", request.Level, "`LEVEL` of the intervals")
	flags.BoolVar(&request.Randomized, "randomized", false, "chance made the arms")
	flags.BoolVar(&request.Exact, "exact", false, "exact intervals of the rates, and Fisher's exact test beside the score test")
	flags.Lookup("where").DefValue, flags.Lookup("shares").DefValue = "", ""
	return cmd
}

func shareOf(texts map[string]string) (map[string]float64, error) {
	shares := map[string]float64{}
	for arm, text := range texts {
		share, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, &jobs.UsageError{Problem: "--shares: " + strconv.Quote(text) + " is no number", Hint: "such as --shares ad=96,psa=4"}
		}
		shares[arm] = share
	}
	return shares, nil
}

func printLift(w io.Writer, l jobs.CountsLift) error {
	for i, rows := range l.Tables() {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := table(w, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "\n"+strings.Join(l.Notes(), "\n"))
	return err
}
