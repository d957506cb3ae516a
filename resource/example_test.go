package resource_test

import (
	"crypto/tls"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/resource"
)

// An API that believes JWT access tokens until they expire. For the mode
// Current, pass Deps{Introspect: …} made by NewIntrospector.
func Example() {
	verifier, err := resource.New(resource.Config{
		Issuer:   "https://as.bank.example/fapi2",
		Resource: "https://api.bank.example",
		Mode:     resource.Offline,
	}, resource.Deps{})
	if err != nil {
		log.Fatal(err)
	}
	accounts := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := resource.TokenFrom(r.Context())
		fmt.Fprintf(w, "accounts of %s for %s", token.Subject, token.ClientID)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /accounts", verifier.Require("accounts")(accounts))

	server := &http.Server{
		Addr:    ":8443",
		Handler: mux,
		// The certificate is asked for, not verified: the token names it.
		TLSConfig: &tls.Config{ClientAuth: tls.RequestClientCert},
	}
	log.Fatal(server.ListenAndServeTLS("server.pem", "server-key.pem"))
}

// An API that takes DPoP-bound tokens too, and wants a nonce in every proof. A
// client that brings none is told one with 401 use_dpop_nonce, and tries again.
func Example_dPoP() {
	key, err := os.ReadFile("nonce-key") // 32 random octets, the same on every replica
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := resource.New(resource.Config{
		Issuer:   "https://as.bank.example/fapi2",
		Resource: "https://api.bank.example",
		Mode:     resource.Offline,
		BaseURL:  "https://api.bank.example", // where clients call it: their proofs say so
	}, resource.Deps{
		Nonces: binding.NewNonces(key, "accounts API"),
		// For one process. Replicas share: redisreplay.New(client, "accounts-api", nil).
		Replays: resource.NewReplays(resource.DefaultReplays, nil),
	})
	if err != nil {
		log.Fatal(err)
	}
	payments := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := resource.TokenFrom(r.Context())
		fmt.Fprintf(w, "paid by %s", token.Subject)
	})
	http.Handle("POST /payments", verifier.Require("payments")(payments))
}

// Where the scope depends on the request, call Verify in the handler.
func ExampleVerifier_Verify() {
	var verifier *resource.Verifier // made by New

	http.HandleFunc("/payments", func(w http.ResponseWriter, r *http.Request) {
		scope := "payments:read"
		if r.Method == http.MethodPost {
			scope = "payments"
		}
		token, err := verifier.Verify(r, scope)
		if err != nil {
			resource.Refuse(w, err)
			return
		}
		token.SendNonce(w) // where Deps.Nonces are demanded
		fmt.Fprintf(w, "payments of %s", token.Subject)
	})
}
