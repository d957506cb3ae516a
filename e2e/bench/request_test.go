package main

import (
	"net/url"
	"strings"
	"testing"
)

func TestBatch(t *testing.T) {
	c, err := newClient()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []operation{push, token, dpopToken} {
		t.Run(string(op), func(t *testing.T) {
			s := &signing{client: c, op: op, issuer: "https://as.example", endpoint: "https://as.example/e", ids: []string{"a", "b"}}
			requests, err := s.batch(4)
			if err != nil {
				t.Fatal(err)
			}
			assertions, ids := map[string]bool{}, ""
			for _, r := range requests {
				form, err := url.ParseQuery(string(r.body))
				if err != nil {
					t.Fatal(err)
				}
				assertions[form.Get("client_assertion")] = true
				ids += form.Get("client_id")
				if proves := strings.Count(r.dpop, ".") == 2; proves != (op == dpopToken) {
					t.Errorf("DPoP proof %q", r.dpop)
				}
			}
			if len(assertions) != 4 || ids != "abab" {
				t.Errorf("%d assertions of 4; clients in the order %s", len(assertions), ids)
			}
		})
	}
}
