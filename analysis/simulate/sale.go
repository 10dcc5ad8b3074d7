package simulate

// A purchase that counts happens at the earliest an hour after the assignment
// and at the latest a day before the window closes, and one that does not count
// misses it by at least an hour: a few seconds between the clocks of pixel,
// server and shop move nothing across the edge.
const (
	soonest = hour
	latest  = (OutcomeDays - 1) * day
)

const (
	partRefundShare = 0.03 // of paid orders: a part of the money was given back
	shoutedShare    = 0.10 // of orders: the e-mail was typed with capitals
	pixelKnowsEmail = 0.50 // of purchases that the pixel sees
	visitKnowsEmail = 0.30
)

// seen says which sources hold a record of a conversion; the CRM only when its
// order is verified.
type seen uint8

const (
	seenPixel seen = 1 << iota
	seenServer
	seenCRM
)

// outcome is what a household did inside the outcome window.
type outcome struct {
	paid      int64 // conversions with a verified order
	paidCents int64
	keptCents int64 // without what was refunded of them
	reported  int64 // conversions with a pixel or server record
	any       int64 // conversions with either
}

// buy draws the experiment's outcome: whether the household buys, how often,
// and how each order shows up.
func (g *generator) buy() {
	p := g.cfg.TreatmentRate()
	if g.h.Holdout {
		p = g.cfg.BaseRate
	}
	if !g.chance(p) {
		return
	}
	for range 1 + g.geometric(g.cfg.RepeatMean) {
		at := g.h.AssignedAt + g.between(soonest, latest)
		status := Paid
		if g.chance(partRefundShare) {
			status = PartiallyRefunded
		}
		order := g.order(at, status)
		mask := g.report(order, at) | seenCRM
		g.truth.conversion(mask)
		g.outcome.paid++
		g.outcome.any++
		g.outcome.paidCents += order.Cents
		g.outcome.keptCents += order.Cents - order.RefundedCents
		if mask != seenCRM {
			g.outcome.reported++
		}
	}
}

// report makes the pixel and server records of a paid order and returns which
// of the two there are.
func (g *generator) report(order Order, at int64) seen {
	s, id, planted := g.cfg.Seen, g.newEventID(), &g.truth.Planted
	switch g.pick(s.PixelOnly, s.ServerOnly, s.CRMOnly, s.OrderPaired, s.Retried, s.Late) {
	case 0:
		g.pixel(order, at, id)
		return seenPixel
	case 1:
		g.server(order, at, id)
		return seenServer
	case 2:
		return 0
	case 3:
		g.pixel(order, at, id)
		g.server(order, at, g.newEventID())
		planted.Duplicates.OrderPairs++
	case 4:
		first := g.server(order, at, id)
		again := *first
		again.Received += g.between(hour, 6*hour)
		g.h.Server = append(g.h.Server, again)
		planted.Duplicates.Records++
		planted.Duplicates.ServerRetries++
		return seenServer
	case 5:
		g.server(order, at, id).Received = at + g.between((LateDays+1)*day, (LateDays+5)*day)
		planted.Late++
		return seenServer
	default:
		g.pixel(order, at, id)
		g.server(order, at, id)
		planted.Duplicates.EventIDPairs++
	}
	planted.Duplicates.Records++
	return seenPixel | seenServer
}

// pixel records a purchase as the browser saw it.
func (g *generator) pixel(order Order, at int64, id string) *Event {
	e := Event{ID: id, Name: PixelPurchase, OrderID: order.Name, At: at, Received: at + g.between(0, 5),
		Cents: order.Cents, Currency: "USD", IP: g.h.IP}
	if g.chance(pixelKnowsEmail) {
		e.Email = g.h.Email
	}
	g.h.Pixel = append(g.h.Pixel, e)
	return &g.h.Pixel[len(g.h.Pixel)-1]
}

// server records a purchase as the shop's server sent it, seconds later.
func (g *generator) server(order Order, at int64, id string) *Event {
	at += g.between(0, 4)
	g.h.Server = append(g.h.Server, Event{ID: id, Name: ServerPurchase, OrderID: order.Name, At: at, Received: at + g.between(1, 120),
		Cents: order.Cents, Currency: "USD", Email: g.h.Email, IP: g.h.IP})
	return &g.h.Server[len(g.h.Server)-1]
}

// order makes a CRM order of the given state.
func (g *generator) order(at int64, status string) Order {
	o := g.basket()
	o.CreatedAt, o.Status, o.Email = at, status, g.h.Email
	if g.chance(shoutedShare) {
		o.Email = shout(o.Email)
	}
	switch status {
	case Paid, PartiallyRefunded, Refunded:
		o.PaidAt = at + g.between(1, 60)
	case Voided:
		o.CancelledAt = at + g.between(hour, 2*day)
	}
	switch status {
	case PartiallyRefunded:
		o.RefundedCents = o.ItemCents[0] / 2
	case Refunded:
		o.RefundedCents = o.Cents
	}
	g.h.Orders = append(g.h.Orders, o)
	return o
}

// basket is the next order number with a value and its line items, not yet in
// the CRM.
func (g *generator) basket() Order {
	var o Order
	o.Name, o.Number = g.newOrderName()
	o.Cents = g.cents(g.cfg.ValueMedian, g.cfg.ValueSigma)
	items := 1 + g.pick(0.72, 0.20) // 1, 2 or 3 lines
	rest := o.Cents
	for i := items; i > 1 && rest > 1; i-- {
		part := max(1, rest/int64(i))
		o.ItemCents = append(o.ItemCents, part)
		rest -= part
	}
	o.ItemCents = append(o.ItemCents, rest)
	return o
}

// shout writes the address as some people type it; it is the same address.
func shout(address string) string {
	b := []byte(address)
	for i, c := range b {
		if first := i == 0 || b[i-1] == '@'; first && c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}
