package names

import (
	"encoding/asn1"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// textForm is the canonical form of a string value: caseIgnoreMatch of RFC 4517
// §4.2.11, as RFC 5280 §7.1 has it for names in certificates. The type of the
// ASN.1 string plays no part.
func textForm(text string) (string, error) {
	prepared, err := prepare(text)
	if err != nil {
		return "", err
	}
	return "s" + strconv.Quote(prepared), nil
}

// prepare is the string preparation of RFC 4518 §2: compatibility forms and case
// are folded, and spaces count once and only between words. What §2.2 would map to
// nothing is refused: a name that shows as "Bank" and is not must match no other.
func prepare(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", malformed("value is not UTF-8")
	}
	if strings.ContainsFunc(text, prohibited) {
		return "", malformed("value has control, format or private characters")
	}
	// Unicode 3.13, definition D146: folding may undo normalisation, and the
	// other way round, but not a second time.
	fold := cases.Fold()
	text = norm.NFKD.String(fold.String(norm.NFD.String(text)))
	text = norm.NFKD.String(fold.String(text))
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return "", malformed("value is empty")
	}
	return text, nil
}

func prohibited(c rune) bool {
	return c == utf8.RuneError || unicode.In(c, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point, unicode.Variation_Selector)
}

// tagUniversalString is a string type that encoding/asn1 does not name.
const tagUniversalString = 28

// valueForm is the canonical form of an attribute value in DER. What is no string
// is compared octet by octet.
func valueForm(value asn1.RawValue) (string, error) {
	if value.Class != asn1.ClassUniversal {
		return "x" + hex.EncodeToString(value.FullBytes), nil
	}
	switch value.Tag {
	case asn1.TagUTF8String:
		return stringForm(value, utf8.MaxRune)
	case asn1.TagPrintableString, asn1.TagIA5String, asn1.TagNumericString:
		return stringForm(value, unicode.MaxASCII)
	case asn1.TagT61String, asn1.TagBMPString, tagUniversalString:
		// RFC 5280 §4.1.2.4: not for new certificates. T.61 is read in as many
		// ways as there are readers.
		return "", malformed("value is a TeletexString, BMPString or UniversalString")
	}
	return "x" + hex.EncodeToString(value.FullBytes), nil
}

// stringForm refuses a string in pieces, which is not DER, and characters beyond
// the type's last one.
func stringForm(value asn1.RawValue, last rune) (string, error) {
	if value.IsCompound {
		return "", malformed("value is a string in pieces")
	}
	text := string(value.Bytes)
	if strings.ContainsFunc(text, func(c rune) bool { return c > last }) {
		return "", malformed("value has characters that its type has not")
	}
	return textForm(text)
}

// hexForm reads the form "#" of RFC 4514 §2.4: the value's DER in hexadecimal.
func hexForm(digits string) (string, error) {
	der, err := hex.DecodeString(digits)
	if err != nil || len(der) == 0 {
		return "", malformed("value after # is not hexadecimal")
	}
	var value asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &value); err != nil || len(rest) > 0 {
		return "", malformed("value after # is not one DER value")
	}
	return valueForm(value)
}
