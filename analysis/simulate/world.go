package simulate

import (
	"fmt"
	"math"
	"strconv"
)

// World is a Config that has been checked, with what is needed to deal out
// exposures. It can be walked any number of times.
type World struct {
	cfg         Config
	totalWeight uint64
	strangers   int64
}

// New checks c and sums up the reach of all households, in one pass over their
// streams and constant memory. The error lists every impossible setting.
func New(c Config) (*World, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w := &World{cfg: c}
	d := newDraws()
	for i := range c.Households {
		w.totalWeight += w.weight(d, i)
	}
	if w.totalWeight == 0 && c.Exposures > 0 {
		return nil, fmt.Errorf("deal out %d exposures: no household can be reached", c.Exposures)
	}
	w.strangers = int64(math.Round(c.Noise.Organic * c.ordersPerHousehold() * float64(c.Households)))
	if w.strangers >= mostIndices {
		return nil, fmt.Errorf("make %d strangers: must be below 2^30", w.strangers)
	}
	return w, nil
}

// Config returns the settings of the world.
func (w *World) Config() Config { return w.cfg }

// Each calls yield for every household in order of its number and then for
// every stranger, and returns the truth about all of them. It stops at the
// first error of yield and returns that error. Memory does not grow with the
// number of households.
func (w *World) Each(yield func(*Household) error) (Truth, error) {
	g := &generator{World: w, draws: newDraws(), nextOrder: 1001}
	for _, c := range Creatives() {
		g.creativeShares = append(g.creativeShares, c.Share)
	}
	g.creativeShares = g.creativeShares[:len(g.creativeShares)-1] // the last one takes what is left
	g.truth = begin(w.cfg)
	var dealt uint64
	for i := range w.cfg.Households {
		g.household(i, &dealt)
		if err := yield(&g.h); err != nil {
			return Truth{}, err
		}
	}
	for i := range w.strangers {
		g.stranger(i)
		if err := yield(&g.h); err != nil {
			return Truth{}, err
		}
	}
	g.truth.end()
	return g.truth, nil
}

// generator is one walk through a world.
type generator struct {
	*World
	draws
	creativeShares []float64
	nextOrder      int64
	nextEvent      uint64
	h              Household
	truth          Truth
	shared         bool    // the household at hand is behind a shared IP
	outcome        outcome // of the household at hand
}

var regions = [...]string{"north", "east", "south", "west"}

func (g *generator) household(index int64, dealt *uint64) {
	weight := g.weight(g.draws, index)
	n := g.frequency(*dealt, weight)
	*dealt += weight

	g.start(g.cfg.Seed, domainHousehold, index)
	h := &g.h
	g.clear(index, HouseholdKey(index), false)
	h.Region = regions[g.IntN(len(regions))]
	h.Holdout = g.chance(g.cfg.HoldoutShare)
	h.AssignedAt = g.between(PeriodStart.Unix(), PeriodStart.Unix()+AssignDays*day)
	h.Email = email(index, "example.com")
	g.shared = g.link(index)

	g.expose(h, n)
	g.buy()
	g.noise()
	if g.shared {
		g.hiddenSale()
	}
	g.visit()
	if len(h.Orders) > 0 && g.chance(g.cfg.FalseLinkShare) {
		g.falseLink(index)
	}
	g.truth.household(h, g.outcome)
	g.truth.records(h)
}

// stranger makes an order of somebody whom no link joins to a household.
func (g *generator) stranger(index int64) {
	g.start(g.cfg.Seed, domainStranger, index)
	g.clear(index, "", true)
	g.h.Email, g.h.IP = email(index, "example.net"), ip(2, index)
	at := g.between(PeriodStart.Unix(), PeriodEnd.Unix())
	order := g.order(at, Paid)
	g.server(order, at, g.newEventID())
	g.truth.conversion(seenServer | seenCRM)
	g.truth.Conversions.Strangers++
	g.truth.records(&g.h)
}

func (g *generator) clear(index int64, key string, stranger bool) {
	h := &g.h
	*h = Household{Index: index, Key: key, Stranger: stranger,
		Exposures: h.Exposures[:0], Pixel: h.Pixel[:0], Server: h.Server[:0], Orders: h.Orders[:0], Links: h.Links[:0]}
	g.outcome = outcome{}
}

// newEventID is unique in the world and looks like nothing.
func (g *generator) newEventID() string {
	g.nextEvent++
	return strconv.FormatUint(mix(mix(g.cfg.Seed^mix(domainEventID))+g.nextEvent), 16)
}

func (g *generator) newOrderName() (string, int64) {
	n := g.nextOrder
	g.nextOrder++
	return "#" + strconv.FormatInt(n, 10), n
}
