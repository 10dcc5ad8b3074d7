package simulate

const neighbourhood = 3 // households behind one shared IP

// link gives the household its e-mail and IP evidence and reports whether the
// IP is shared.
//
// The right e-mail evidence was last seen 11 to 120 days before the assignment,
// so that it is older than every purchase of the household, the early ones too,
// and never older than 180 days at one. IP evidence was last seen at most two
// days before the assignment, and for a shared IP in the day before the period
// starts, for all its households alike: at most 30 days before any purchase
// that needs it.
func (g *generator) link(index int64) (shared bool) {
	h := &g.h
	lastSeen := h.AssignedAt - g.between(11*day, 120*day)
	h.Links = append(h.Links, Link{Email: h.Email, HouseholdKey: h.Key,
		FirstSeen: lastSeen - g.between(10*day, 200*day), LastSeen: lastSeen})

	h.IP = ip(0, index)
	lastSeen = h.AssignedAt - g.between(0, 2*day)
	if shared = g.inSharedNeighbourhood(index); shared {
		h.IP = ip(1, index/neighbourhood)
		lastSeen = PeriodStart.Unix() - g.between(1, day)
		g.truth.sharedIP(index)
	}
	h.Links = append(h.Links, Link{IP: h.IP, HouseholdKey: h.Key,
		FirstSeen: lastSeen - g.between(5*day, 60*day), LastSeen: lastSeen})
	return shared
}

// inSharedNeighbourhood draws once for each group of three consecutive
// households; a last group that is not full never shares.
func (g *generator) inSharedNeighbourhood(index int64) bool {
	group := index / neighbourhood
	if (group+1)*neighbourhood > g.cfg.Households {
		return false
	}
	h := mix(mix(g.cfg.Seed^mix(domainNeighbourhood)) + uint64(group))
	return float64(h>>11)/(1<<53) < g.cfg.SharedIPShare
}

// falseLink links the household's e-mail to another household as well, by
// evidence at least 400 days older than the assignment.
func (g *generator) falseLink(index int64) {
	other := (index + 1 + g.Int64N(g.cfg.Households-1)) % g.cfg.Households
	lastSeen := g.h.AssignedAt - g.between(400*day, 430*day)
	g.h.Links = append(g.h.Links, Link{Email: g.h.Email, HouseholdKey: HouseholdKey(other),
		FirstSeen: lastSeen - g.between(5*day, 100*day), LastSeen: lastSeen})
	g.truth.Planted.FalseLinks++
}
