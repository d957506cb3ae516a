package main

import (
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		name, args string
		rounds     int
		fails      bool
	}{
		{name: "three rounds unless told otherwise", rounds: 3},
		{name: "five rounds to compare clients", args: "--clients 10000", rounds: 5},
		{name: "rounds as told", args: "--clients 10000 --rounds 2", rounds: 2},
		{name: "one operation alone", args: "--only token", rounds: 3},
		{name: "DPoP alone, in one process", args: "--only dpop --in one", rounds: 3},
		{name: "a deployment", args: "--dir deploy/.client --only flow", rounds: 3},
		{name: "telemetry beside the processes", args: "--in many --telemetry", rounds: 3},
		{name: "telemetry is not of one process", args: "--in one --telemetry", fails: true},
		{name: "a deployment has its own clients", args: "--dir deploy/.client --clients 1000", fails: true},
		{name: "no third rendering", args: "--in containers", fails: true},
		{name: "no fourth operation", args: "--only introspection", fails: true},
		{name: "clients to compare are more than the few", args: "--clients 10", fails: true},
		{name: "clients are bounded", args: "--clients 1000000", fails: true},
		{name: "time is bounded", args: "--seconds 3600", fails: true},
		{name: "rounds are bounded", args: "--rounds 1000", fails: true},
		{name: "nothing stands after the flags", args: "par", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, err := parseOptions(strings.Fields(test.args))
			if (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			if !test.fails && o.rounds != test.rounds {
				t.Errorf("%d rounds, want %d", o.rounds, test.rounds)
			}
		})
	}
}

func TestOnly(t *testing.T) {
	for _, test := range []struct {
		name string
		only string
		op   operation
		want bool
	}{
		{"everything by itself", "", dpopToken, true},
		{"par is PAR", "par", push, true},
		{"par is no token", "par", token, false},
		{"token is of both kinds", "token", dpopToken, true},
		{"dpop is one kind of token", "dpop", dpopToken, true},
		{"dpop is not the other", "dpop", token, false},
		{"token is not PAR", "token", push, false},
		{"flow is the full flow", "flow", fullFlow, true},
		{"token is no flow", "token", fullFlow, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := (options{only: test.only}).asks(test.op); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
