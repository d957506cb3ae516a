package audit

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// filled is an event of which no member is empty, also those to come.
func filled(t *testing.T, text string) Event {
	t.Helper()
	e := Event{Torn: &Torn{Bytes: 7, Hash: text}, Scopes: []string{text, "openid"}, Time: time.Date(2031, 2, 3, 4, 5, 6, 7000, time.UTC)}
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.String {
			v.Field(i).SetString(text)
		}
		if v.Field(i).IsZero() {
			t.Fatalf("%s of an event is of a kind that this test does not fill", v.Type().Field(i).Name)
		}
	}
	return e
}

func TestAppendLineIsThatOfTheLibrary(t *testing.T) {
	for name, event := range map[string]Event{
		"an empty event":     {},
		"a scope alone":      {Scopes: []string{"accounts"}, Time: time.Unix(1, 0).UTC()},
		"every member":       filled(t, "value"),
		"quotes, tags, text": filled(t, "a\"b\\c<d>&\n\x01ü\u2028😀"),
		"bytes of no text":   filled(t, "a\xff\xfeb"),
	} {
		t.Run(name, func(t *testing.T) {
			text, hash := appendLine([]byte("before"), 41, zero, &event)
			want, err := json.Marshal(Line{Seq: 41, Prev: zero, Event: event, Hash: hash})
			if err != nil || string(text) != "before"+string(want) {
				t.Errorf("%v\n got %s\nwant before%s", err, text, want)
			}
			if line, err := Parse(text[len("before"):]); err != nil || line.Hash != hash || line.Seq != 41 {
				t.Errorf("it reads as %+v, %v", line, err)
			}
		})
	}
}

func BenchmarkAppendLine(b *testing.B) {
	event := Event{
		Time: time.Now(), Service: "token", Instance: "a", Kind: TokenIssued, Issuer: "fapi2", Actor: "gateway",
		InteractionID: "93bac548-d2de-4546-b106-880a5018460d", ClientID: "client-1", TokenID: "0123456789abcdef", Scopes: []string{"accounts"},
	}
	var text []byte
	for b.Loop() {
		text, _ = appendLine(text[:0], 41, zero, &event)
	}
}
