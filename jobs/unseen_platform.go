package jobs

import (
	"context"
	"fmt"
	"slices"

	"ghostlight/analysis"
	"ghostlight/jobs/warehouse"
)

// unseenPlatform is a platform that a rule of the study names and of which there is neither
// a record nor a report: a slip of the pen, or data that never came. Its rule does nothing.
type unseenPlatform struct{ at, platform string }

func (r *run) unseenPlatforms(ctx context.Context, tx *warehouse.Tx) (unseen []unseenPlatform, err error) {
	type row struct {
		Platform string `db:"platform"`
	}
	rows, err := warehouse.Read[row](ctx, tx, "SELECT platform FROM ops.list WHERE platform IS NOT NULL UNION SELECT platform FROM model.reported ORDER BY platform")
	if err != nil {
		return nil, err
	}
	note := func(at, platform string) {
		if platform != "" && !slices.Contains(rows, row{platform}) {
			unseen = append(unseen, unseenPlatform{at, platform})
		}
	}
	for i, rule := range r.study.Dedup.Rules {
		note(fmt.Sprintf("dedup.rules[%d]", i), rule.Platform)
	}
	for i, pair := range r.study.Reconcile.Pairs {
		note(fmt.Sprintf("reconcile.pairs[%d]", i), pair.Platform)
	}
	return unseen, nil
}

func unseenWarnings(unseen []unseenPlatform) (warnings []analysis.Warning) {
	for _, u := range unseen {
		warnings = append(warnings, analysis.Warning{Code: "platform_unseen", Severity: analysis.Caution,
			Text: fmt.Sprintf("The study names platform %s in %s, of which the study has no record and no report, so what it says there has no effect.", u.platform, u.at)})
	}
	return warnings
}
