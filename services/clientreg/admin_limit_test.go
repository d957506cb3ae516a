package clientreg_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// TestChecksAreLimited: each operator has a number of them in a minute, whatever is
// checked and over whichever face; who is over is told when to come again.
func TestChecksAreLimited(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t, func(c *clientreg.Config) { c.Admin.ChecksPerMinute = new(3) })
		o.clock.Advance(15 * time.Second)
		name := o.here.Name
		dry := func(by adminv1.AdminServiceClient) error {
			_, err := by.CheckRegistration(o.context(), &adminv1.CheckRegistrationRequest{Issuer: name, Metadata: document()})
			return err
		}
		_, issuerErr := o.reader.CheckIssuer(o.context(), &adminv1.CheckIssuerRequest{Issuer: name})
		_, framework := o.reader.CheckFramework(o.context(), &adminv1.CheckFrameworkRequest{Issuer: name, Framework: "none"})
		_, certificate := o.reader.CheckCertificate(o.context(), &adminv1.CheckCertificateRequest{Issuer: name, Certificates: pemOf(bankCA.issue())})
		wantCode(t, issuerErr, codes.OK)
		wantCode(t, framework, codes.NotFound) // what fails counts
		wantCode(t, certificate, codes.OK)
		over := dry(o.reader)
		wantCode(t, over, codes.ResourceExhausted)
		if !strings.Contains(status.Convert(over).Message(), "come again in 45 s") || len(status.Convert(over).Details()) != 1 {
			t.Errorf("%v", over)
		}
		for _, detail := range status.Convert(over).Details() {
			if refusal, ok := detail.(*rpcv1.OAuthError); !ok || refusal.GetRetryAfter() != 45 {
				t.Errorf("%v", detail)
			}
		}
		reader := o.ca.Identity(t, "reader")
		path := "/v1/issuers/" + name
		if got, answer := o.ask(t, reader, http.MethodGet, path+"/check", ""); got != http.StatusTooManyRequests {
			t.Errorf("REST: %d, %v", got, answer)
		}
		if got, answer := o.ask(t, reader, http.MethodGet, path+"/clients", ""); got != http.StatusOK {
			t.Errorf("what asks nobody outside: %d, %v", got, answer)
		}
		wantCode(t, dry(o.admin), codes.OK) // another operator
		o.clock.Advance(45 * time.Second)
		wantCode(t, dry(o.reader), codes.OK)
	})
}

func TestChecksWithoutLimit(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t, func(c *clientreg.Config) { c.Admin.ChecksPerMinute = new(0) })
		for range 100 { // the default is 60
			_, err := o.reader.CheckIssuer(o.context(), &adminv1.CheckIssuerRequest{Issuer: o.here.Name})
			wantCode(t, err, codes.OK)
		}
	})
}
