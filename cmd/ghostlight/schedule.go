package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) scheduleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schedule",
		Short: "Stay and write each report when it is due",
		Long: `Stay until stopped, and write the report of each study at the times of its
schedule.cron, in UTC. What was missed is made up at the start, by the study's
catch_up policy. Each interval of a schedule gets one report: the ledger knows
which have theirs, so that a restart or a clock set back writes nothing twice.

The workspace is locked only while a report is made, and the configuration is
read again every five minutes. A study that fails is tried again after an hour,
then ever less often; the others go on. SIGTERM and ctrl-C end it with exit code 0.

The same from any outside timer: ghostlight run --catch-up

With --json every report is one JSON object on a line of its own.`,
		Example: `  ghostlight schedule
  ghostlight schedule --log-format json`,
		GroupID: groupMeasure,
		Args:    takes(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return jobs.RunSchedule(cmd.Context(), a.dir, a.options(cmd), func(r jobs.RunResult) {
				a.bars.close()
				if err := a.showScheduled(r); err != nil {
					a.log.Error("cannot show a report that was written", "report", r.Report, "error", err)
				}
			})
		},
	}
}

func (a *app) showScheduled(r jobs.RunResult) error {
	if a.json {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	return a.printRun(a.stdout, r)
}
