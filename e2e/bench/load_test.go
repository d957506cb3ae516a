package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestDrive(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		fails  bool
	}{
		{name: "every success is counted once", status: http.StatusCreated, body: `{"request_uri":"urn:x"}`},
		{name: "a refusal ends the measurement", status: http.StatusTooManyRequests, body: `{}`, fails: true},
		{name: "a success without what was asked for is none", status: http.StatusOK, body: `{}`, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			}))
			defer server.Close()
			l := &load{endpoint: server.URL, proof: push.proof(), senders: []*http.Client{server.Client(), server.Client()}}
			got, err := l.drive(t.Context(), make([]request, 20), time.Minute)
			if (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			if !test.fails && (len(got.latencies) != 20 || asked.Load() != 20) {
				t.Errorf("%d counted, %d asked, of 20", len(got.latencies), asked.Load())
			}
			if test.fails && asked.Load() > 2 {
				t.Errorf("%d were asked after a fault", asked.Load())
			}
		})
	}
}
