package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// checkCron tells what is wrong with a schedule: five fields, or @daily and
// the like, in UTC, that will come due. Its first due time must lie within
// five years of a fixed date, so that the answer does not depend on the day.
func checkCron(spec string) (err error) {
	defer func() { // ParseStandard panics on some input, such as "TZ=UTC"
		if r := recover(); r != nil {
			err = errors.New("the schedule cannot be read")
		}
	}()
	if zone, ok := cronZone(spec); ok && zone != "UTC" {
		return errors.New("a schedule runs in UTC")
	}
	if strings.HasPrefix(spec, "@every") {
		return errors.New("@every has no fixed times")
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return fmt.Errorf("the schedule cannot be read: %w", err)
	}
	from := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	next := schedule.Next(from)
	if next.IsZero() || next.After(from.AddDate(5, 0, 0)) {
		return errors.New("the schedule never comes due")
	}
	return nil
}

func cronZone(spec string) (string, bool) {
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		if rest, ok := strings.CutPrefix(spec, prefix); ok {
			zone, _, _ := strings.Cut(rest, " ")
			return zone, true
		}
	}
	return "", false
}
