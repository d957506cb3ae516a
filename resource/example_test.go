package resource_test

import (
	"crypto/tls"
	"fmt"
	"log"
	"net/http"

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
		fmt.Fprintf(w, "payments of %s", token.Subject)
	})
}
