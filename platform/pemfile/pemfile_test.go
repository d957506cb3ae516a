package pemfile

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLastGoodStays: files that are half written are not used and said once; when
// they are good again they are.
func TestLastGoodStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	loads := 0
	load := func() (*Content, error) {
		loads++
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(text), "half") {
			return nil, errors.New("half a file")
		}
		return &Content{Certificates: make([]tls.Certificate, len(text))}, nil
	}
	var log bytes.Buffer
	write("1")
	source, err := Open(slog.New(slog.NewTextHandler(&log, nil)), load, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		change func()
		size   int
		loads  int
		lines  int
	}{
		{"unchanged", func() {}, 1, 1, 0},
		{"half written", func() { write("half") }, 1, 2, 1},
		{"half written still", func() {}, 1, 2, 1},
		{"whole", func() { write("22") }, 2, 3, 2},
		{"gone", func() { _ = os.Remove(file) }, 2, 4, 3},
		{"back", func() { write("333") }, 3, 5, 4},
	} {
		row.change()
		size := len(source.Current().Certificates)
		if lines := strings.Count(log.String(), "\n"); size != row.size || loads != row.loads || lines != row.lines {
			t.Errorf("%s: content %d, want %d; read %d times, want %d; %d lines of log, want %d", row.name, size, row.size, loads, row.loads, lines, row.lines)
		}
	}
	if _, err := Open(slog.New(slog.DiscardHandler), func() (*Content, error) { return nil, errors.New("no") }); err == nil {
		t.Error("it opened without content")
	}
}
