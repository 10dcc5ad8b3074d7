package simulate

import (
	"fmt"
	"net/netip"
	"strconv"
)

// Household is one household with everything that any system recorded of it.
// A stranger, who is outside the study, is a Household whose Stranger is true:
// it has no assignment, no links and no exposures. World.Each reuses the value
// and its slices: copy what must outlive the call.
type Household struct {
	Index      int64 // 0, 1, 2, ...; strangers are counted on their own
	Stranger   bool
	Key        string
	Holdout    bool
	Region     string
	AssignedAt int64 // epoch seconds
	Email      string
	IP         string

	Exposures []Exposure // oldest first; ghosts when Holdout
	Pixel     []Event
	Server    []Event
	Orders    []Order
	Links     []Link
}

// Arm is the household's group as the assignment file spells it.
func (h *Household) Arm() string {
	if h.Holdout {
		return "holdout"
	}
	return "treatment"
}

// Exposure is one ad impression, or the ghost of one.
type Exposure struct {
	AtMS     int64 // epoch milliseconds
	Creative int   // index into Creatives
}

// Event is one record of the pixel or of the server (Conversions API). At and
// Received are epoch seconds. Cents is -1 when the value is missing; Email is
// the plain address, to be hashed by whoever writes it, empty when not known.
type Event struct {
	ID       string
	Name     string
	OrderID  string
	At       int64
	Received int64
	Cents    int64
	Currency string
	Test     bool
	Email    string
	IP       string
}

// Event names as the pixel sends them; the server's are its platform's.
const (
	PixelPurchase   = "purchase"
	PixelVisit      = "page_view"
	PixelUndefined  = "scroll_depth"
	ServerPurchase  = "Purchase"
	ServerUndefined = "StoreLocatorOpened"
)

// Payment states of an order, in Shopify's words.
const (
	Paid              = "paid"
	PartiallyRefunded = "partially_refunded" // paid, and some of it given back
	Pending           = "pending"
	Authorized        = "authorized"
	Voided            = "voided"
	Refunded          = "refunded"
)

// Order is one order of the shop. Name is the order number as customers see it
// and as pixel and server send it. Times are epoch seconds, 0 for never.
type Order struct {
	Name          string
	Number        int64
	Email         string // as typed: the case varies
	Status        string
	Cents         int64
	RefundedCents int64
	CreatedAt     int64
	PaidAt        int64
	CancelledAt   int64
	ItemCents     []int64 // line items, one unit each; they sum to Cents
}

// Verified reports whether money was received and at least partly kept.
func (o Order) Verified() bool { return o.Status == Paid || o.Status == PartiallyRefunded }

// Link is one piece of evidence that an identifier belongs to a household.
// Exactly one of Email and IP is set.
type Link struct {
	Email        string
	IP           string
	HouseholdKey string
	FirstSeen    int64 // epoch seconds
	LastSeen     int64
}

// HouseholdKey is the opaque id of household index.
func HouseholdKey(index int64) string { return fmt.Sprintf("H%07d", index) }

var givenNames = [...]string{"alex", "casey", "devon", "ellis", "frankie", "harper", "jamie", "kerry", "lane", "morgan", "quinn", "robin", "sasha", "taylor", "val"}

// email is unique to a household or a stranger. Its local part has neither dot
// nor plus, so every platform's normalisation of it agrees.
func email(index int64, domain string) string {
	return givenNames[mix(uint64(index))%uint64(len(givenNames))] + strconv.FormatInt(index, 10) + "@" + domain
}

const mostIndices = 1 << 30 // so many addresses of their own there are in each space of ip

// ip is an IPv6 address out of the range kept for documentation
// (RFC 3849), with a /64 of its own for each index; space 0 holds households,
// 1 neighbourhoods, 2 strangers.
func ip(space, index int64) string {
	a := [16]byte{0x20, 0x01, 0x0d, 0xb8, byte(space<<6) | byte(index>>24)&0x3f, byte(index >> 16), byte(index >> 8), byte(index)}
	a[15] = 1
	return netip.AddrFrom16(a).String()
}
