package jobs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ghostlight/analysis/simulate"
)

// shopifyHeader is the header of Shopify's order export, as it is known from
// published exports.
func shopifyHeader() []string {
	header := strings.Split("Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"+
		"Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,"+
		"Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"+
		"Lineitem fulfillment status", ",")
	for _, who := range []string{"Billing", "Shipping"} {
		for _, field := range []string{"Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone"} {
			header = append(header, who+" "+field)
		}
	}
	header = append(header, strings.Split("Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,"+
		"Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount", ",")...)
	for i := range 5 {
		header = append(header, fmt.Sprintf("Tax %d Name", i+1), fmt.Sprintf("Tax %d Value", i+1))
	}
	return append(header, "Phone")
}

// Positions in shopifyHeader of the columns that are filled.
const (
	shopifyName, shopifyEmail, shopifyStatus, shopifyPaidAt       = 0, 1, 2, 3
	shopifyCurrency, shopifySubtotal, shopifyShipping             = 7, 8, 9
	shopifyTaxes, shopifyTotal, shopifyCreatedAt, shopifyQuantity = 10, 11, 15, 16
	shopifyItem, shopifyPrice, shopifySKU                         = 17, 18, 20
	shopifyCancelledAt, shopifyRefunded, shopifyID                = 46, 49, 55
)

var simulatedGoods = [...]struct{ name, sku string }{
	{"Enamel pot, 4 litres", "POT-4"}, {"Linen cloth", "LIN-1"}, {"Oak board", "OAK-2"}, {"Candle, set of 6", "CAN-6"}, {"Stoneware bowl", "BWL-1"},
}

// shopifyOrder writes an order as the export does: one row for each line item,
// and what belongs to the order on the first of them only.
func (l *simulatedLogs) shopifyOrder(o simulate.Order) error {
	for i, cents := range o.ItemCents {
		row := l.order
		clear(row)
		row[shopifyName] = o.Name
		if i == 0 {
			row[shopifyEmail], row[shopifyStatus], row[shopifyCurrency] = o.Email, o.Status, "USD"
			row[shopifySubtotal], row[shopifyShipping], row[shopifyTaxes], row[shopifyTotal] = simulatedAmount(o.Cents), "0.00", "0.00", simulatedAmount(o.Cents)
			row[shopifyCreatedAt], row[shopifyPaidAt], row[shopifyCancelledAt] = shopifyTime(o.CreatedAt), shopifyTime(o.PaidAt), shopifyTime(o.CancelledAt)
			row[shopifyRefunded] = simulatedAmount(o.RefundedCents)
			row[shopifyID] = strconv.FormatInt(5_400_000_000_000+o.Number, 10)
		}
		goods := simulatedGoods[(o.Number+int64(i))%int64(len(simulatedGoods))]
		row[shopifyQuantity], row[shopifyItem], row[shopifyPrice], row[shopifySKU] = "1", goods.name, simulatedAmount(cents), goods.sku
		if err := l.orders.row(row...); err != nil {
			return err
		}
	}
	return nil
}

// shopifyTime is empty for a moment that never came.
func shopifyTime(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05 -0700")
}
