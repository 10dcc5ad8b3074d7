package simulate

import "strconv"

// noise makes everything that is not a paid order inside the window. The arm
// plays no part in it.
func (g *generator) noise() {
	n, perOrder := g.cfg.Noise, g.cfg.ordersPerHousehold()
	for range g.geometric(n.Staging * perOrder) {
		g.stagingEvent()
	}
	for range g.geometric(n.Undefined * perOrder) {
		g.undefinedEvent()
	}
	for range g.geometric(n.Missing * perOrder) {
		g.brokenEvent()
	}
	for range g.geometric(n.Outside * perOrder) {
		g.outsideSale()
	}
	for range g.geometric(n.NoOrder * perOrder) {
		g.unrecordedSale()
	}
	for range g.geometric(n.Unpaid * perOrder) {
		g.unpaidOrder()
	}
}

// inside draws a moment well inside the outcome window.
func (g *generator) inside() int64 { return g.h.AssignedAt + g.between(soonest, latest) }

// either records a purchase in the pixel or in the server archive, evenly, and
// counts it in s.
func (g *generator) either(order Order, at int64, s *Split) (e *Event, onServer bool) {
	s.Records++
	if g.chance(0.5) {
		s.Server++
		return g.server(order, at, g.newEventID()), true
	}
	s.Pixel++
	return g.pixel(order, at, g.newEventID()), false
}

// stagingEvent is a developer's test. Half of them would also be refused for
// another reason, an unknown name or a missing value: they are staging events
// all the same.
func (g *generator) stagingEvent() {
	staging := &g.truth.Planted.Staging
	order := Order{Name: "TEST-" + strconv.FormatInt(staging.Records+1, 10), Cents: 100}
	e, onServer := g.either(order, g.inside(), staging)
	e.Test = true
	switch g.pick(0.25, 0.25) {
	case 0:
		e.makeUndefined(onServer)
	case 1:
		e.Cents = -1
	}
}

// undefinedEvent has a name that the workspace's dictionary does not hold.
func (g *generator) undefinedEvent() {
	e, onServer := g.either(Order{}, g.inside(), &g.truth.Planted.Undefined)
	e.makeUndefined(onServer)
}

func (e *Event) makeUndefined(onServer bool) {
	e.Name, e.OrderID, e.Cents, e.Currency = PixelUndefined, "", -1, ""
	if onServer {
		e.Name = ServerUndefined
	}
}

// brokenEvent is a purchase event without its value or without its currency.
// Its order is in no other record.
func (g *generator) brokenEvent() {
	m := &g.truth.Planted.Missing
	e, _ := g.either(g.basket(), g.inside(), &m.Split)
	if g.chance(0.5) {
		e.Cents = -1
		m.Value++
	} else {
		e.Currency = ""
		m.Currency++
	}
}

// outsideSale is a paid order, reported by the server, that misses the outcome
// window.
func (g *generator) outsideSale() {
	out := &g.truth.Planted.Outside
	at := g.h.AssignedAt - g.between(hour, 10*day)
	if g.chance(0.5) {
		at = g.h.AssignedAt + OutcomeDays*day + g.between(hour, 8*day)
		out.After++
	} else {
		out.Before++
	}
	out.Conversions++
	g.server(g.order(at, Paid), at, g.newEventID())
	g.truth.conversion(seenServer | seenCRM)
}

// unrecordedSale is reported by the pixel or by the server, and the CRM never
// hears of it. Where the pixel knows no e-mail only the IP tells the household,
// so behind a shared IP it always knows one.
func (g *generator) unrecordedSale() {
	mask := seenPixel
	e, onServer := g.either(g.basket(), g.inside(), &g.truth.Conversions.NoOrder)
	if onServer {
		mask = seenServer
	}
	if g.shared {
		e.Email = g.h.Email
	}
	if e.Email == "" {
		g.truth.Conversions.IPOnly++
	}
	g.truth.conversion(mask)
	g.outcome.reported++
	g.outcome.any++
}

// unpaidOrder is reported by the server as a purchase while the CRM has no
// money for it.
func (g *generator) unpaidOrder() {
	states := [...]string{Pending, Authorized, Voided, Refunded}
	at := g.inside()
	g.server(g.order(at, states[g.IntN(len(states))]), at, g.newEventID())
	g.truth.conversion(seenServer)
	g.truth.Conversions.Unpaid++
	g.outcome.reported++
	g.outcome.any++
}

// hiddenSale is a purchase that nothing but the shared IP identifies: the pixel
// saw it, without an e-mail, and the CRM has no order. It happens while the
// evidence of all the households behind the IP is at most 30 days old.
func (g *generator) hiddenSale() {
	if !g.chance(g.cfg.SharedIPSales) {
		return
	}
	at := g.between(g.h.AssignedAt+soonest, PeriodStart.Unix()+latest)
	g.pixel(g.basket(), at, g.newEventID()).Email = ""
	g.truth.conversion(seenPixel)
	g.truth.Planted.SharedIPs.Conversions++
}

// visit makes the household's page views.
func (g *generator) visit() {
	for range g.geometric(g.cfg.VisitMean) {
		at := g.inside()
		e := Event{ID: g.newEventID(), Name: PixelVisit, At: at, Received: at + g.between(0, 5), Cents: -1, IP: g.h.IP}
		if g.chance(visitKnowsEmail) {
			e.Email = g.h.Email
		}
		g.h.Pixel = append(g.h.Pixel, e)
		g.truth.Conversions.Visits++
	}
}
