package jobs

import "ghostlight/jobs/source"

// LinkTypes are the kinds of identity that a match window may be given for.
func LinkTypes() []string { return source.LinkTypes() }
