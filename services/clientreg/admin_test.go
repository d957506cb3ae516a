package clientreg_test

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// TestOperators: by their certificates, each in its role and for its issuers, over
// both faces.
func TestOperators(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t)
		client := o.register()
		list := &adminv1.ListClientsRequest{Issuer: o.here.Name}
		suspend := &adminv1.SuspendClientRequest{Issuer: o.here.Name, ClientId: client.ClientID}
		path := "/v1/issuers/" + o.here.Name + "/clients"
		uri := must(url.Parse("spiffe://bank.example/admin"))
		for _, row := range []struct {
			who           string
			identity      network.Identity
			reads, writes codes.Code
		}{
			{"an operator", o.ca.Identity(t, "admin"), codes.OK, codes.OK},
			{"a reader", o.ca.Identity(t, "reader"), codes.OK, codes.PermissionDenied},
			{"an operator of another issuer", o.ca.Identity(t, "bound"), codes.PermissionDenied, codes.PermissionDenied},
			{"who is not in the table", o.ca.Identity(t, "nobody"), codes.PermissionDenied, codes.PermissionDenied},
			{"the names of two operators", o.ca.Identity(t, "reader", "admin"), codes.PermissionDenied, codes.PermissionDenied},
			{"an operator's name beside another", o.ca.Identity(t, "desk-7", "admin"), codes.OK, codes.OK},
			{"an operator's name in the common name alone", o.ca.IdentityOf(t, commonName("admin")), codes.PermissionDenied, codes.PermissionDenied},
			{"an operator's name of another kind", o.ca.IdentityOf(t, &x509.Certificate{URIs: []*url.URL{uri}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}), codes.PermissionDenied, codes.PermissionDenied},
		} {
			t.Run(row.who, func(t *testing.T) {
				api := o.with(t, row.identity)
				_, err := api.ListClients(o.context(), list)
				wantCode(t, err, row.reads)
				_, err = api.SuspendClient(o.context(), suspend)
				wantCode(t, err, row.writes)
				statuses := map[codes.Code]int{codes.OK: http.StatusOK, codes.PermissionDenied: http.StatusForbidden}
				if got, body := o.ask(t, row.identity, http.MethodGet, path, ""); got != statuses[row.reads] {
					t.Errorf("REST: %d, %v", got, body)
				}
				if got, body := o.ask(t, row.identity, http.MethodPost, path+"/"+client.ClientID+"/resume", ""); got != statuses[row.writes] {
					t.Errorf("REST: %d, %v", got, body)
				}
			})
		}
		foreign := networktest.NewCA(t).Identity(t, "admin")
		foreign.CA = o.ca.File()
		for why, change := range map[string]func(*http.Transport){
			"a certificate of another CA": func(*http.Transport) {},
			"no certificate":              func(tr *http.Transport) { tr.TLSClientConfig.Certificates = nil },
			"TLS 1.2":                     func(tr *http.Transport) { tr.TLSClientConfig.MinVersion, tr.TLSClientConfig.MaxVersion = 0x303, 0x303 },
		} {
			transport := &http.Transport{TLSClientConfig: must(foreign.ClientTLS("clientreg"))}
			change(transport)
			if answer, err := (&http.Client{Transport: transport}).Get("https://" + o.address + path); err == nil {
				_ = answer.Body.Close()
				t.Errorf("%s: answered %s", why, answer.Status)
			}
		}
	})
}

func commonName(name string) *x509.Certificate {
	c := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	c.Subject.CommonName = name
	return c
}

// TestOperatorsAreWrittenDown: every call, who made it, about which client and what
// came of it; and nothing secret.
func TestOperatorsAreWrittenDown(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t)
		client := o.register()
		made, err := o.admin.RegisterClient(o.context(), &adminv1.RegisterClientRequest{Issuer: o.here.Name, Metadata: document()})
		if err != nil {
			t.Fatal(err)
		}
		about := func(id string) (string, string) { return o.here.Name, id }
		name, id := about(client.ClientID)
		_, suspending := o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: name, ClientId: id})
		_, again := o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: name, ClientId: id})
		_, resuming := o.admin.ResumeClient(o.context(), &adminv1.ResumeClientRequest{Issuer: name, ClientId: id})
		_, resumed := o.admin.ResumeClient(o.context(), &adminv1.ResumeClientRequest{Issuer: name, ClientId: id})
		_, reading := o.reader.GetClient(o.context(), &adminv1.GetClientRequest{Issuer: name, ClientId: id})
		for _, err := range []error{suspending, again, resuming, resumed, reading} {
			wantCode(t, err, codes.OK)
		}
		_, err = o.reader.DeleteClient(o.context(), &adminv1.DeleteClientRequest{Issuer: name, ClientId: id})
		wantCode(t, err, codes.PermissionDenied)
		_, err = o.admin.RegisterClient(o.context(), &adminv1.RegisterClientRequest{Issuer: name, Metadata: document(set("jwks", nil))})
		wantCode(t, err, codes.InvalidArgument)
		_, err = o.admin.DeleteClient(o.context(), &adminv1.DeleteClientRequest{Issuer: name, ClientId: id})
		wantCode(t, err, codes.OK)
		for kind, want := range map[audit.Kind][]string{
			audit.ClientSuspended:  {"dns:admin " + id, "dns:admin " + id}, // each time it was asked for
			audit.ClientResumed:    {"dns:admin " + id, "dns:admin " + id},
			audit.ClientDeleted:    {"dns:admin " + id},
			audit.ClientRegistered: {"gateway " + id, "dns:admin " + made.GetClient().GetClientId()},
		} {
			var got []string
			for _, e := range o.events(t, kind) {
				got = append(got, e.Actor+" "+e.ClientID)
				if e.Issuer != name {
					t.Errorf("%s at %q", kind, e.Issuer)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", kind, got, want)
			}
		}
		o.register() // it waits for the trail, and all before it is written
		var called, refused []string
		for _, e := range o.events(t, audit.OperatorCalled) {
			called = append(called, e.Actor+" "+e.Method[strings.LastIndex(e.Method, "/")+1:]+" "+e.ClientID)
		}
		for _, e := range o.events(t, audit.Refused) {
			refused = append(refused, e.Actor+" "+e.Method[strings.LastIndex(e.Method, "/")+1:]+" "+e.Error)
			if e.InteractionID == "" || e.Issuer != name {
				t.Errorf("%+v", e)
			}
		}
		if want := []string{"dns:admin RegisterClient ", "dns:admin SuspendClient " + id, "dns:admin SuspendClient " + id, "dns:admin ResumeClient " + id, "dns:admin ResumeClient " + id,
			"dns:reader GetClient " + id, "dns:admin DeleteClient " + id}; !slices.Equal(called, want) {
			t.Errorf("called: %v, want %v", called, want)
		}
		if want := []string{"dns:reader DeleteClient PermissionDenied", "dns:admin RegisterClient invalid_client_metadata"}; !slices.Equal(refused, want) {
			t.Errorf("refused: %q, want %q", refused, want)
		}
		found, _, err := audit.Select(o.folder, audit.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if strings.Contains(string(f.Text), made.GetRegistrationAccessToken()) || strings.Contains(string(f.Text), "redirect_uris") {
				t.Errorf("the trail holds a secret: %s", f.Text)
			}
		}
	})
}

// TestAdminIsStrict: what it does not know it refuses, and hostile values are no
// faults of the server.
func TestAdminIsStrict(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t)
		for range 3 {
			o.register()
		}
		name := o.here.Name
		first, err := o.reader.ListClients(o.context(), &adminv1.ListClientsRequest{Issuer: name, PageSize: 2})
		if err != nil || len(first.GetClients()) != 2 || first.GetNextPageToken() == "" {
			t.Fatalf("%v, %v", first, err)
		}
		rest, err := o.reader.ListClients(o.context(), &adminv1.ListClientsRequest{Issuer: name, PageSize: 2, PageToken: first.GetNextPageToken()})
		if err != nil || len(rest.GetClients()) != 1 || rest.GetNextPageToken() != "" || rest.GetClients()[0].GetClientId() <= first.GetClients()[1].GetClientId() {
			t.Errorf("the second page: %v, %v", rest, err)
		}
		encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
		for why, req := range map[string]*adminv1.ListClientsRequest{
			"no base64":           {PageToken: "%%%"},
			"no token of ours":    {PageToken: encoded("x")},
			"another filter":      {PageToken: first.GetNextPageToken(), Framework: "f"},
			"another state":       {PageToken: first.GetNextPageToken(), State: adminv1.ListClientsRequest_STATE_SUSPENDED},
			"control characters":  {PageToken: encoded(string(must(base64.RawURLEncoding.DecodeString(first.GetNextPageToken()))) + "\x00")},
			"padded":              {PageToken: first.GetNextPageToken() + "="},
			"huge":                {PageToken: strings.Repeat("A", 1<<20)},
			"a negative page":     {PageSize: -1},
			"a huge page":         {PageSize: 501},
			"a state of nobody's": {State: 99},
		} {
			req.Issuer = name
			_, err := o.reader.ListClients(o.context(), req)
			if t.Run(why, func(t *testing.T) { wantCode(t, err, codes.InvalidArgument) }); t.Failed() {
				return
			}
		}
		unknown := &adminv1.ListClientsRequest{Issuer: name}
		unknown.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1))
		_, err = o.reader.ListClients(o.context(), unknown)
		wantCode(t, err, codes.InvalidArgument)
		for _, id := range []string{"", "client-none", strings.Repeat("x", 300), "a\x00b", "a'b"} {
			_, err := o.reader.GetClient(o.context(), &adminv1.GetClientRequest{Issuer: name, ClientId: id})
			wantCode(t, err, codes.NotFound)
			_, err = o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: name, ClientId: id})
			wantCode(t, err, codes.NotFound)
			_, err = o.admin.DeleteClient(o.context(), &adminv1.DeleteClientRequest{Issuer: name, ClientId: id})
			wantCode(t, err, codes.NotFound)
		}
		_, err = o.reader.ListClients(o.context(), &adminv1.ListClientsRequest{Issuer: "nowhere"})
		wantCode(t, err, codes.PermissionDenied)

		identity := o.ca.Identity(t, "admin")
		base := "/v1/issuers/" + name
		for _, row := range []struct {
			why, method, path, body string
			want                    int
		}{
			{"the list", http.MethodGet, base + "/clients?page_size=2&state=STATE_SERVING", "", 200},
			{"an unknown parameter", http.MethodGet, base + "/clients?colour=red", "", 400},
			{"a parameter twice", http.MethodGet, base + "/clients?page_size=1&page_size=2", "", 400},
			{"the issuer as a parameter", http.MethodGet, base + "/clients?issuer=" + o.elsewhere.Name, "", 400},
			{"a parameter where none is taken", http.MethodGet, "/v1/issuers?page_size=1", "", 400},
			{"a query that cannot be read", http.MethodGet, base + "/clients?%zz", "", 400},
			{"a page that is no number", http.MethodGet, base + "/clients?page_size=x", "", 400},
			{"an unknown member", http.MethodPost, base + "/check-certificate", `{"certificates":"","reason":"x"}`, 400},
			{"a member twice", http.MethodPost, base + "/check-certificate", `{"certificates":"a","certificates":"b"}`, 400},
			{"no JSON", http.MethodPost, base + "/check-certificate", `certificates=x`, 400},
			{"another issuer in the body", http.MethodPost, base + "/check-certificate", `{"issuer":"` + o.elsewhere.Name + `","certificates":"` + strings.ReplaceAll(pemOf(bankCA.issue()), "\n", `\n`) + `"}`, 200},
			{"a body where none is taken", http.MethodPost, base + "/clients/x/suspend", `{"reason":"x"}`, 400},
			{"a body too long", http.MethodPost, base + "/clients", `{"metadata":"` + strings.Repeat("a", 4<<20) + `"}`, 400},
			{"another method", http.MethodPut, base + "/clients", ``, 501},
			{"a method by header", http.MethodPost, base + "/clients/x", ``, 501},
			{"another path", http.MethodGet, "/v1/keys", ``, 404},
			{"an interaction that is no UUID", http.MethodGet, "/v1/refusals/x", ``, 400},
		} {
			if got, body := o.ask(t, identity, row.method, row.path, row.body); got != row.want {
				t.Errorf("%s: %d, want %d: %v", row.why, got, row.want, body)
			}
		}
	})
}

// TestOperatorSuspends: at the next use, on another replica that remembers the
// client; and a directory does not undo it.
func TestOperatorSuspends(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		o, other := w.operated(t), w.replica()
		client := o.register()
		one := func(want bool) {
			t.Helper()
			for _, r := range []*replica{o.replica, other} {
				_, err := r.authenticate(w.assertion(client.ClientID))
				wantAuthenticated(t, err, want)
				_, err = r.getClient(client.ClientID)
				wantAuthenticated(t, err, want)
			}
		}
		one(true)
		for _, step := range []struct {
			active, want bool
		}{{false, false}, {false, false}, {true, true}, {true, true}} {
			var got *adminv1.Client
			var err error
			if step.active {
				got, err = o.admin.ResumeClient(o.context(), &adminv1.ResumeClientRequest{Issuer: w.here.Name, ClientId: client.ClientID})
			} else {
				got, err = o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: w.here.Name, ClientId: client.ClientID})
			}
			if err != nil || got.GetServing() != step.want || got.GetSuspended() == step.want {
				t.Fatalf("%v, %v", got, err)
			}
			one(step.want)
			if err := o.readWith(managing{client.RegistrationAccessToken, client.ClientID, nil}); (err == nil) != step.want {
				t.Errorf("management of a client that serves %t: %v", step.want, err)
			}
		}
		// A client that is suspended can be deleted; afterwards there is none.
		_, suspending := o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: w.here.Name, ClientId: client.ClientID})
		_, deleting := o.admin.DeleteClient(o.context(), &adminv1.DeleteClientRequest{Issuer: w.here.Name, ClientId: client.ClientID})
		wantCode(t, suspending, codes.OK)
		wantCode(t, deleting, codes.OK)
		one(false)
		_, err := o.admin.ResumeClient(o.context(), &adminv1.ResumeClientRequest{Issuer: w.here.Name, ClientId: client.ClientID})
		wantCode(t, err, codes.NotFound)
	})
}

// TestOperatorRegisters: what an operator registers works as what registers itself,
// and what is wrong with it is refused by the same rules.
func TestOperatorRegisters(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t)
		made, err := o.admin.RegisterClient(o.context(), &adminv1.RegisterClientRequest{Issuer: o.here.Name, Metadata: document()})
		if err != nil {
			t.Fatal(err)
		}
		id := made.GetClient().GetClientId()
		_, err = o.authenticate(o.assertion(id))
		wantAuthenticated(t, err, true)
		if err := o.readWith(managing{made.GetRegistrationAccessToken(), id, nil}); err != nil {
			t.Errorf("its registration access token: %v", err)
		}
		if !strings.HasSuffix(made.GetRegistrationClientUri(), "/"+o.here.Name+"/register/"+id) || !strings.Contains(made.GetClient().GetMetadata(), "client.example") {
			t.Errorf("%v", made)
		}
		for rule, metadata := range map[string]string{
			"SP2-6": document(func(m map[string]any) { m["token_endpoint_auth_method"] = "client_secret_basic" }),
			"THR-3": document(func(m map[string]any) { delete(m, "jwks"); m["jwks_uri"] = "https://10.0.0.1/jwks" }),
			"DCR-2": "[]",
			"SSA-1": document(func(m map[string]any) { m["software_statement"] = "x" }),
		} {
			_, err := o.admin.RegisterClient(o.context(), &adminv1.RegisterClientRequest{Issuer: o.here.Name, Metadata: metadata})
			if wantCode(t, err, codes.InvalidArgument); err == nil || !strings.Contains(err.Error(), "["+rule+"]") {
				t.Errorf("want %s: %v", rule, err)
			}
		}
		_, err = o.admin.RegisterClient(o.context(), &adminv1.RegisterClientRequest{Issuer: o.here.Name, Metadata: document(), Certificates: "-----BEGIN EC PRIVATE KEY-----\nMQ==\n-----END EC PRIVATE KEY-----\n"})
		wantCode(t, err, codes.InvalidArgument)
		got, err := o.reader.GetClient(o.context(), &adminv1.GetClientRequest{Issuer: o.here.Name, ClientId: id})
		if err != nil || strings.Contains(got.String(), made.GetRegistrationAccessToken()) || strings.Contains(got.String(), oauth.Hash(made.GetRegistrationAccessToken())) {
			t.Errorf("the token is shown again: %v, %v", got, err)
		}
	})
}
