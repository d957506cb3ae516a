package bank

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxPayment bounds the body of a payment, in bytes.
const maxPayment = 16 << 10

// payment is what a client sends: these three members and no other.
type payment struct {
	// Amount is a decimal in units of the currency, more than zero, with at most
	// two places: "12.50", or the same as a number.
	Amount jsontext.Value `json:"amount"`
	// Currency is a code of ISO 4217.
	Currency string `json:"currency"`
	// Creditor is who is paid, 1 to 140 characters.
	Creditor string `json:"creditor"`
}

var (
	amountSyntax   = regexp.MustCompile(`^(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$`)
	currencySyntax = regexp.MustCompile(`^[A-Z]{3}$`)
)

// payments accepts a payment and forgets it: no money moves in a sandbox.
func payments(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		failJSON(w, http.StatusUnsupportedMediaType, "the body must be application/json")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayment))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		failJSON(w, http.StatusRequestEntityTooLarge, "the body is too long")
		return
	case err != nil:
		failJSON(w, http.StatusBadRequest, "the body could not be read")
		return
	}
	if problem := check(body); problem != "" {
		failJSON(w, http.StatusBadRequest, problem)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"payment_id": newUUID(), "status": "accepted"})
}

// check tells what is wrong with a payment; nothing if it is right.
func check(body []byte) string {
	var p payment
	if err := json.Unmarshal(body, &p, json.RejectUnknownMembers(true)); err != nil {
		return "the body must be a JSON object with the members amount, currency and creditor, each once"
	}
	amount := strings.Trim(string(p.Amount), `"`)
	switch {
	case !amountSyntax.MatchString(amount) || strings.Trim(amount, "0.") == "":
		return "amount must be a decimal above zero with at most two places"
	case !currencySyntax.MatchString(p.Currency):
		return "currency must be three capital letters"
	case p.Creditor == "" || plain(p.Creditor, 140) != p.Creditor:
		return "creditor must be 1 to 140 printable characters"
	}
	return ""
}
