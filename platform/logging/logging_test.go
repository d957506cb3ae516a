package logging

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestLevels(t *testing.T) {
	for level, want := range map[string]int{"": 3, "debug": 4, "info": 3, "INFO": 3, "warn": 2, "error": 1} {
		var out bytes.Buffer
		log, err := New(Config{Level: level}, &out, "par")
		if err != nil {
			t.Errorf("%q: %v", level, err)
			continue
		}
		log.Debug("a")
		log.Info("b")
		log.Warn("c")
		log.Error("d")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("%q: %d lines, want %d", level, got, want)
		}
	}
	if _, err := New(Config{Level: "loud"}, nil, "par"); err == nil || !strings.Contains(err.Error(), "log.level") {
		t.Errorf("an unknown level: %v", err)
	}
}

func TestLinesNameTheService(t *testing.T) {
	var out bytes.Buffer
	log, err := New(Config{}, &out, "par")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("refused", "rule", "SP2-25")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["service"] != "par" || line["msg"] != "refused" || line["rule"] != "SP2-25" {
		t.Errorf("%s, %v", &out, err)
	}
}
