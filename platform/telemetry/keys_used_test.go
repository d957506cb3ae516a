package telemetry

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// TestUsesOfKeysAreCounted: what was signed or decrypted, by purpose; what was refused
// is no use of a key.
func TestUsesOfKeysAreCounted(t *testing.T) {
	told, err := Open(t.Context(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "keys", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	call := func(method string, request any, refused *rpc.Refusal) {
		_, done := told.Of(rpc.Keys).Begin(t.Context(), "/strongroom.keys.v1.KeysService/"+method, request)
		done(refused)
	}
	sign := &keysv1.SignRequest{Purpose: keysv1.Purpose_PURPOSE_ID_TOKEN, Algorithm: "PS256"}
	call("Sign", sign, nil)
	call("Sign", sign, nil)
	call("Sign", sign, &rpc.Refusal{Code: "server_error"})
	call("Decrypt", &keysv1.DecryptRequest{Purpose: keysv1.Purpose_PURPOSE_REQUEST_OBJECT}, nil)
	scraped := scrape(t, told)
	for _, want := range []string{
		`strongroom_keys_used_total{alg="PS256",purpose="id_token"} 2`,
		`strongroom_keys_used_total{alg="",purpose="request_object"} 1`,
	} {
		if !strings.Contains(scraped, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}
