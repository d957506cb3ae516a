package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc/grpclog"
)

// asProcess names the environment in which this test's binary is a process whose
// libraries write.
const asProcess = "STRONGROOM_TEST_LIBRARIES"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	log, err := New(Config{}, os.Stderr, "par")
	if err != nil {
		panic(err)
	}
	Libraries(log)
	grpclog.Error("a connection is lost")
	grpclog.Info("nobody must see this")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	_ = closed.Close()
	// It says of itself that it cannot fill its pool.
	client := redis.NewClient(&redis.Options{Addr: closed.Addr().String(), MinIdleConns: 1, MaxRetries: -1})
	_ = client.Ping(context.Background()).Err()
}

// TestLibrariesWriteJSON: what libraries write by themselves are lines of the log.
func TestLibrariesWriteJSON(t *testing.T) {
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), asProcess+"=yes")
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	names := map[string]bool{}
	for line := range bytes.Lines(said) {
		var told struct{ Name, Said string }
		if err := json.Unmarshal(line, &told); err != nil {
			t.Errorf("no JSON: %s", line)
		}
		names[told.Name] = true
		if strings.Contains(told.Said, "ERROR") || strings.Contains(told.Said, "nobody") {
			t.Errorf("it said %q", told.Said)
		}
	}
	if !names["grpc"] || !names["redis"] {
		t.Errorf("of the two libraries %v wrote:\n%s", names, said)
	}
}
