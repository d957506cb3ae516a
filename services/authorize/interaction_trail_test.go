package authorize_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize"
)

// told answers the lines of the trail. An event that is waited for comes behind all
// that are not.
func (s *suite) told(t *testing.T) []audit.Found {
	t.Helper()
	if err := s.trail.Record(t.Context(), audit.Event{Kind: audit.KeyCreated}); err != nil {
		t.Fatal(err)
	}
	found, reports, err := audit.Select(s.trail.Folder(), audit.Filter{})
	if err != nil || len(reports) != 1 || reports[0].Broken != nil {
		t.Fatalf("%v, %v", reports, err)
	}
	return found
}

// TestEveryRefusalOfTheInteractionAPIIsInTheTrail: who asked, for what, under which
// id, and the rule, however the app calls. No ticket is in it.
func TestEveryRefusalOfTheInteractionAPIIsInTheTrail(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db)
		app, other := s.ca.Identity(t, "app.bank.example"), s.ca.Identity(t, "app.other.example")
		b, done := s.begin(t, s.push(nil)), s.begin(t, s.push(nil))
		if _, err := done.complete(t, oauth.NewID(), done.approve(t)); err != nil {
			t.Fatal(err)
		}
		at := func(of browser) string { return "/" + s.bank + "/interactions/" + of.ticket }
		const service = "/strongroom.interaction.v1.InteractionService/"
		answer := func(member, value string) string {
			approval := map[string]any{"subject": "alice", "authTime": "1772366400", "scopes": []string{"openid"}}
			if member != "" {
				approval[member] = json.RawMessage(value)
			}
			text, _ := json.Marshal(map[string]any{"approval": approval})
			return string(text)
		}
		rows := []struct {
			name, method, path, body    string
			by                          rest
			toldMethod, code, rule, who string
			client                      string
		}{
			{"an unknown ticket", "GET", "/" + s.bank + "/interactions/x", "", s.rest(t, app), service + "GetInteraction", "NotFound", "AZ-6", "app.bank.example", ""},
			{"answered already", "GET", at(done), "", s.rest(t, app), service + "GetInteraction", "FailedPrecondition", "AZ-6", "app.bank.example", "client-1"},
			{"no decision", "POST", at(b) + "/answer", `{}`, s.rest(t, app), service + "AnswerInteraction", "InvalidArgument", "AZ-6", "app.bank.example", "client-1"},
			{"more scopes than asked for", "POST", at(b) + "/answer", answer("scopes", `["payments"]`), s.rest(t, app), service + "AnswerInteraction", "InvalidArgument", "AZ-6", "app.bank.example", "client-1"},
			{"a subject that is none", "POST", at(b) + "/answer", answer("subject", `"a b"`), s.rest(t, app), service + "AnswerInteraction", "InvalidArgument", "OIDC-1", "app.bank.example", "client-1"},
			{"a client's subject", "POST", at(b) + "/answer", answer("subject", `"client-1"`), s.rest(t, app), service + "AnswerInteraction", "InvalidArgument", "CRY-9", "app.bank.example", "client-1"},
			{"a login of tomorrow", "POST", at(b) + "/answer", answer("authTime", `"1872366400"`), s.rest(t, app), service + "AnswerInteraction", "InvalidArgument", "OIDC-2", "app.bank.example", "client-1"},
			{"no JSON", "POST", at(b) + "/answer", "subject=alice", s.rest(t, app), "POST /{issuer}/interactions/{ticket}/answer", "InvalidArgument", "", "app.bank.example", ""},
			{"another issuer's app", "GET", at(b), "", s.rest(t, other), service + "GetInteraction", "PermissionDenied", "", "app.other.example", ""},
			{"a grant that nobody gave", "DELETE", "/" + s.bank + "/users/alice/grants/none", "", s.rest(t, app), service + "WithdrawGrant", "NotFound", "", "app.bank.example", ""},
			{"who is not in the table", "GET", at(b), "", s.rest(t, s.ca.Identity(t, "gateway")), "GET other", "PermissionDenied", "", "gateway", ""},
		}
		ids := map[string]string{}
		for _, row := range rows {
			response, got := row.by.send(t, row.method, row.path, row.body)
			id := response.Header.Get("X-Fapi-Interaction-Id")
			if _, err := uuid.Parse(id); err != nil || response.StatusCode < 400 {
				t.Errorf("%s: %s, id %q: %v", row.name, response.Status, id, got)
			}
			if row.rule != "" && !strings.HasSuffix(got["message"].(string), "["+row.rule+"]") {
				t.Errorf("%s: the app is not told the rule: %v", row.name, got)
			}
			ids[id] = row.name
		}
		sent := uuid.NewString()
		ids[sent] = "by gRPC"
		_, err := s.app.GetInteraction(metadata.AppendToOutgoingContext(bounded(t), "x-fapi-interaction-id", sent), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: "x"})
		if err == nil {
			t.Error("an unknown ticket is known by gRPC")
		}

		told := map[string]audit.Event{}
		for _, line := range s.told(t) {
			if line.Kind == audit.Refused {
				told[ids[line.InteractionID]] = line.Event
			}
			for _, secret := range []string{b.ticket, done.ticket} {
				_, half, _ := strings.Cut(secret, ".")
				if strings.Contains(string(line.Text), half) {
					t.Errorf("a ticket is in the trail: %s", line.Text)
				}
			}
		}
		for _, row := range rows {
			got := told[row.name]
			want := audit.Event{Method: row.toldMethod, Error: row.code, Rule: row.rule, Actor: row.who, ClientID: row.client}
			if is := (audit.Event{Method: got.Method, Error: got.Error, Rule: got.Rule, Actor: got.Actor, ClientID: got.ClientID}); !equal(is, want) {
				t.Errorf("%s: told is\n%+v, want\n%+v", row.name, is, want)
			}
			if reached := strings.HasPrefix(row.toldMethod, service); reached && got.Issuer != s.bank {
				t.Errorf("%s: told is the issuer %q", row.name, got.Issuer)
			}
		}
		if got := told["by gRPC"]; got.Rule != "AZ-6" || got.Actor != "app.bank.example" {
			t.Errorf("by gRPC: %+v", got)
		}
		if len(told) != len(ids) {
			t.Errorf("%d refusals are told of %d: %v", len(told), len(ids), slices.Sorted(maps.Keys(told)))
		}
	})
}

// raw sends bytes as they are.
type raw struct{}

func (raw) Name() string                        { return "raw" }
func (raw) Marshal(message any) ([]byte, error) { return message.([]byte), nil }
func (raw) Unmarshal(_ []byte, _ any) error     { return nil }

// TestWhatReachesNoMethodIsInTheTrail, over both faces and once: an app that tries what
// there is not, or what cannot be read. A path is not told, for it holds tickets.
func TestWhatReachesNoMethodIsInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		identity := s.ca.Identity(t, "app.bank.example")
		conn := s.dial(t, identity)
		const read = "/strongroom.interaction.v1.InteractionService/GetInteraction"
		for method, message := range map[string]string{"/strongroom.keys.v1.KeysService/Sign": "", "/ticket-1": "", read: "\xff"} {
			var reply []byte
			if err := conn.Invoke(bounded(t), method, []byte(message), &reply, grpc.ForceCodec(raw{})); err == nil {
				t.Errorf("%s is answered", method)
			}
		}
		app := s.rest(t, identity)
		app.ask(t, http.MethodGet, "/"+s.bank+"/unknown/ticket-1", "")
		app.ask(t, http.MethodPut, "/"+s.bank+"/interactions/ticket-1", "")
		var got []string
		for _, line := range s.told(t) {
			if line.Kind == audit.Refused {
				got = append(got, line.Error+" "+line.Method)
			}
			if line.Kind == audit.Refused && (line.Actor != "app.bank.example" || line.InteractionID == "") {
				t.Errorf("%+v", line.Event)
			}
		}
		slices.Sort(got)
		if want := []string{"Internal POST " + read, "NotFound GET other", "Unimplemented POST other", "Unimplemented POST other", "Unimplemented PUT other"}; !slices.Equal(got, want) {
			t.Errorf("told is\n%q, want\n%q", got, want)
		}
	})
}

func equal(a, b audit.Event) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// TestInteractionCallsAreCountedAndTraced: by route and by method, as REST and over
// gRPC; neither a path that no route serves nor a method that HTTP does not know is a
// label.
func TestInteractionCallsAreCountedAndTraced(t *testing.T) {
	all := 1.0
	told, err := telemetry.Open(t.Context(), telemetry.Config{
		Metrics: telemetry.Metrics{Listen: "127.0.0.1:0"},
		Traces:  telemetry.Traces{Endpoint: "127.0.0.1:1", Insecure: true, SampleRatio: &all}, // nobody collects
	}, "authorize", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db, func(deps *authorize.Deps) { deps.Telemetry = told })
		app := s.rest(t, s.ca.Identity(t, "app.bank.example"))
		b := s.begin(t, s.push(nil))
		path := "/" + s.bank + "/interactions/" + b.ticket
		app.ask(t, http.MethodGet, path, "")
		app.ask(t, http.MethodGet, path+"x", "")
		app.ask(t, http.MethodGet, "/"+s.bank+"/unknown/"+b.ticket, "")
		app.ask(t, "BREW", path, "")
		s.rest(t, s.ca.Identity(t, "gateway")).ask(t, "BREW", path, "")
		if _, err := s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: b.ticket}); err != nil {
			t.Fatal(err)
		}
		b.approve(t)
		scraped := scrape(t, told)
		for _, want := range []string{
			`strongroom_http_duration_seconds_count{method="GET",route="/{issuer}/interactions/{ticket}",status="200"}`,
			`strongroom_http_duration_seconds_count{method="GET",route="/{issuer}/interactions/{ticket}",status="404"}`,
			`strongroom_http_duration_seconds_count{method="GET",route="other",status="404"}`,
			`strongroom_http_duration_seconds_count{method="POST",route="/strongroom.interaction.v1.InteractionService/GetInteraction",status="200"}`,
			`strongroom_rpc_duration_seconds_count{method="InteractionService/GetInteraction",outcome="ok",service="authorize"}`,
			`strongroom_rpc_duration_seconds_count{method="InteractionService/GetInteraction",outcome="NotFound",service="authorize"}`,
			`strongroom_refusals_total{error="NotFound",rule="AZ-6",service="authorize"}`,
		} {
			if !strings.Contains(scraped, want) {
				t.Errorf("no %s", want)
			}
		}
		if id, _, _ := strings.Cut(b.ticket, "."); strings.Contains(scraped, id) {
			t.Error("a ticket is a label")
		}
		if strings.Contains(scraped, "BREW") {
			t.Error("a method of the caller's own is a label")
		}
		for _, line := range s.told(t) {
			if (line.Kind == audit.Refused || line.Kind == audit.InteractionApproved) && (line.TraceID == "" || line.InteractionID == "") {
				t.Errorf("of no trace: %+v", line.Event)
			}
		}
	})
}

func scrape(t *testing.T, told *telemetry.Telemetry) string {
	t.Helper()
	request, err := http.NewRequestWithContext(bounded(t), http.MethodGet, "http://"+told.Address().String()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestInteractionAPIWithoutAStore: 503 with Retry-After, and in the trail.
func TestInteractionAPIWithoutAStore(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db)
		app := s.rest(t, s.ca.Identity(t, "app.bank.example"))
		b := s.begin(t, s.push(nil))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		response, got := app.send(t, http.MethodGet, "/"+s.bank+"/users/alice/grants", "")
		if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "1" {
			t.Errorf("%s, Retry-After %q: %v", response.Status, response.Header.Get("Retry-After"), got)
		}
		if status, got := app.ask(t, http.MethodGet, "/"+s.bank+"/interactions/"+b.ticket, ""); status != http.StatusOK {
			t.Errorf("what needs no SQL: %d: %v", status, got)
		}
		refused := s.told(t)
		if last := refused[len(refused)-2]; last.Kind != audit.Refused || last.Error != oauth.CodeTemporarilyUnavailable || last.Issuer != s.bank {
			t.Errorf("told is %+v", last.Event)
		}
	})
}

// TestOpenAPIDescribesTheAnswers: the members of each answer have the names that the
// document says.
func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	text, err := os.ReadFile("../../proto/openapi.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Definitions map[string]struct {
			Properties map[string]struct {
				Ref string `json:"$ref"`
			} `json:"properties"`
		} `json:"definitions"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	named := func(t *testing.T, definition string, object map[string]any) {
		t.Helper()
		properties := document.Definitions[definition].Properties
		if len(properties) == 0 || len(object) != len(properties) {
			t.Errorf("%s has %d properties, the answer %d members: %v", definition, len(properties), len(object), object)
		}
		for name := range object {
			if _, ok := properties[name]; !ok {
				t.Errorf("%s has no %s", definition, name)
			}
		}
	}
	each(t, func(t *testing.T, s *suite) {
		app := s.rest(t, s.ca.Identity(t, "app.bank.example"))
		b := s.begin(t, s.push(map[string]string{"max_age": "300"}))
		path := "/" + s.bank + "/interactions/" + b.ticket
		_, interaction := app.ask(t, http.MethodGet, path, "")
		named(t, "v1Interaction", interaction)
		named(t, "v1InteractionClient", interaction["client"].(map[string]any))
		// The names of the contract are read too, so that an app may have followed it.
		_, answered := app.ask(t, http.MethodPost, path+"/answer", `{"approval":{"subject":"alice","auth_time":"1772366400","scopes":["openid"]}}`)
		named(t, "v1AnswerInteractionResponse", answered)
		if _, err := b.complete(t, oauth.NewID(), query(t, answered["redirectTo"].(string)).Get("handle")); err != nil {
			t.Fatal(err)
		}
		_, grants := app.ask(t, http.MethodGet, "/"+s.bank+"/users/alice/grants", "")
		named(t, "v1ListGrantsResponse", grants)
		named(t, "v1Grant", grants["grants"].([]any)[0].(map[string]any))
	})
}
